import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeU64le } from '../src/base/bytes.js';
import { hex } from '../src/base/u64.js';
import { buildExecutable, type ExecutableSegment } from '../src/formats/elf/executable.js';
import { loadPurgatory } from '../src/kexec/arm64/purgatory/load-purgatory.js';
import { decodePurgatoryObject } from '../src/kexec/arm64/purgatory/purgatory-object.js';
import { BOOT_TIMEOUT, parseWitness, readWitnessImage, runVirt, WITNESS_FILE } from './support/witness.js';

/** Where QEMU puts an initrd in a machine of this size, and so what the device tree it writes says. */
const INITRD = 0x4800_0000n;
const INITRD_BYTES = Uint8Array.from({ length: 70_001 }, (_, index) => index >> 4);

function segment(
  physicalAddress: bigint,
  bytes: Uint8Array,
  memorySize = BigInt(bytes.length),
): ExecutableSegment {
  return { physicalAddress, bytes, memorySize };
}

describe('purgatory, in an ELF executable, in QEMU', { timeout: BOOT_TIMEOUT }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'purgatory-'));
  const initrdFile = join(folder, 'initrd');
  const dtbFile = join(folder, 'virt.dtb');
  beforeAll(() => writeFileSync(initrdFile, INITRD_BYTES));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Starts a machine at purgatory, which is to enter the witness. */
  function startAtPurgatory(
    machine: string,
    base: bigint,
    dtb: bigint,
    rest: ExecutableSegment[],
  ): Promise<string> {
    const purgatory = loadPurgatory(decodePurgatoryObject());
    const kernel = 0x4040_0000n;
    purgatory.setSymbol('kernel_entry', encodeU64le(kernel));
    purgatory.setSymbol('dtb_addr', encodeU64le(dtb));
    const { bytes, entry } = purgatory.link(base);
    const image = segment(kernel, readWitnessImage(), 0x4000n);
    const file = join(folder, `${hex(base)}-${hex(dtb)}.elf`);
    writeFileSync(
      file,
      Buffer.concat(
        buildExecutable({ entry, segments: [...rest, segment(base, bytes, purgatory.size), image] }),
      ),
    );
    return runVirt('-M', machine, '-m', '6G', '-device', `loader,file=${file},cpu-num=0`);
  }

  it.each([
    { machine: 'virt', el: '1', base: 0x4100_0000n },
    { machine: 'virt', el: '1', base: 0x1_2345_6000n },
    { machine: 'virt,virtualization=on', el: '2', base: 0x1_8000_1000n },
  ])('hands over at EL$el, from $base', async ({ machine, el, base }) => {
    await runVirt(
      ...['-M', `${machine},dumpdtb=${dtbFile}`, '-m', '6G', '-kernel', WITNESS_FILE],
      ...['-initrd', initrdFile, '-append', 'root=/dev/vda'],
    );
    const dtb = new Uint8Array(readFileSync(dtbFile));
    const witness = parseWitness(
      await startAtPurgatory(machine, base, 0x1_0020_0000n, [
        segment(0x1_0020_0000n, dtb),
        segment(INITRD, INITRD_BYTES),
      ]),
    );
    expect(Object.fromEntries(witness)).toMatchObject({
      x0: '0x100200000',
      x1: '0x0',
      x2: '0x0',
      x3: '0x0',
      el,
      pc: '0x40400000',
      'image-crc32': hex(crc32(readWitnessImage())),
      'dtb-crc32': hex(crc32(dtb)),
      bootargs: 'root=/dev/vda',
      'initrd-start': hex(INITRD),
      'initrd-end': hex(INITRD + BigInt(INITRD_BYTES.length)),
      'initrd-crc32': hex(crc32(INITRD_BYTES)),
    });
  });

  it('hands over to any address: the witness reports what is there, and ends', async () => {
    const misaligned = parseWitness(await startAtPurgatory('virt', 0x4100_0000n, 0x4000_0004n, []));
    expect(misaligned.get('x0')).toBe('0x40000004');
    expect(misaligned.get('dtb')).toBe('none');

    const unmapped = await startAtPurgatory('virt', 0x4100_0000n, 0x1000_0000_0000n, []);
    expect(unmapped).toMatch(/\nwitness: exception\n(.*\n)*far=0x100000000000\n$/);
  });
});
