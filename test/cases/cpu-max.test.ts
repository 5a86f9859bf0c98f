import { describe, expect, it } from 'vitest';
import { addNode, ensureNode, setProperty } from '../../src/formats/fdt/edit.js';
import { encodeString } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { readCpusOfQemu } from '../../src/machine/arm64/cpus.js';
import { recordMachine } from '../../src/machine/record.js';
import { buildBoardTree } from '../support/board.js';
import { buildImage } from '../support/image.js';
import { asArm64, GIB } from '../support/machine.js';

/** The device tree that QEMU 7.2 gives a guest with `-cpu max`: it calls the CPU a Cortex-A57. */
function buildVirtTree(): Uint8Array {
  const fdt = buildBoardTree({ nodes: [{ reg: [[GIB, GIB]] }] });
  const cpu = addNode(ensureNode(fdt, '/cpus'), 'cpu@0');
  setProperty(fdt, cpu, 'compatible', encodeString('arm,cortex-a57'));
  return writeFdt(fdt);
}

/** /proc/cpuinfo of CPUs with these implementers and parts. */
function buildCpuinfo(...cpus: readonly (readonly [implementer: number, part: number])[]): string {
  return cpus
    .map(
      ([implementer, part], cpu) =>
        `processor\t: ${cpu}\nCPU implementer\t: 0x${implementer.toString(16)}\nCPU architecture: 8\nCPU part\t: 0x${part.toString(16)}\n`,
    )
    .join('\n');
}

/** An Image for 16 KiB pages, or big-endian. */
const IMAGES = [
  ['pages of 16 KiB', buildImage({ flags: 0b1100n }), 'image-granule'],
  ['big-endian', buildImage({ flags: 0b1001n }), 'image-endianness'],
] as const;

describe('CPUs that the device tree misnames', () => {
  it.each([
    ['max of QEMU 7.2', buildCpuinfo([0, 0x51])],
    ['Apple M1', buildCpuinfo([0x61, 0x22], [0x61, 0x23])],
    ['a known and an unknown one', buildCpuinfo([0x41, 0xd07], [0x41, 0xd4f])],
    ['a known part of another implementer', buildCpuinfo([0x51, 0xd07])],
  ])('where cpuinfo has %s, nothing is guessed', (_, cpuinfo) => {
    const { arm64 } = asArm64(recordMachine('vm', { fdt: buildVirtTree(), cpuinfo }));
    expect(arm64.granules).toBeUndefined();
    expect(arm64.mixedEndian).toBeUndefined();
  });

  it.each([
    ['no cpuinfo', undefined],
    ['a cpuinfo that lists no CPU', '\n'],
  ])('where there is %s, the device tree counts', (_, cpuinfo) => {
    const { arm64 } = asArm64(recordMachine('vm', { fdt: buildVirtTree(), cpuinfo }));
    expect(arm64).toMatchObject({ granules: [4096, 65536], mixedEndian: true });
  });

  it.each(IMAGES)(
    'an Image with %s loads, and a note says that the CPUs are not known',
    (_, kernel, check) => {
      const machine = recordMachine('vm', { fdt: buildVirtTree(), cpuinfo: buildCpuinfo([0, 0x51]) });
      const result = kexecFileLoad({ kernel, options: {} }, machine);
      expect('refusal' in result ? result.refusal : undefined).toBeUndefined();
      expect(result.trail).toContainEqual(expect.objectContaining({ check, verdict: 'note' }));
    },
  );

  it.each([
    ['max', {}],
    ['max,pauth-impdef=on', {}],
    ['host', {}],
    ['cortex-a57', { granules: [4096, 65536], mixedEndian: true }],
    ['cortex-a57,pmu=off', { granules: [4096, 65536], mixedEndian: true }],
    ['neoverse-n1', { granules: [4096, 16384, 65536], mixedEndian: true }],
  ])("of QEMU's -cpu %s, only what is known is recorded", (cpu, facts) => {
    expect(readCpusOfQemu(cpu)).toEqual(facts);
  });
});
