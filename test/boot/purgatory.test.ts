import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PurgatoryOptions } from '../../src/kexec/hand-over-options.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import { type TamperedBit, tamper } from '../../src/kexec/tamper.js';
import type { QemuOptions } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { bootInQemu } from '../../src/node/qemu/boot-qemu.js';
import type { BootEnd } from '../../src/node/qemu/qemu-process.js';
import { recordFromQemu } from '../../src/node/qemu/record-qemu.js';
import { countingRandom, findSegment, loadOrFail } from '../support/load.js';
import { parseWitness, readWitnessImage } from '../support/witness.js';

const QEMU: QemuOptions = { machine: 'virt', cpu: 'cortex-a57', memory: '512M', cpus: 1 };
const initrd = Uint8Array.from({ length: 100_003 }, (_, index) => (index * index) >> 3);

/** The number of random places that are tampered with. */
const RANDOM_PLACES = 200;

const machines = new Map<string, Promise<Machine>>();

/** Records the machine that QEMU emulates with some options, once. */
function machineOf(qemu: QemuOptions): Promise<Machine> {
  const key = JSON.stringify(qemu);
  const machine = machines.get(key) ?? recordFromQemu(qemu);
  machines.set(key, machine);
  return machine;
}

async function plan(
  qemu: QemuOptions,
  purgatory: PurgatoryOptions,
  contents: { initrd?: Uint8Array } = { initrd },
) {
  const options = { commandLine: 'quiet', purgatory };
  const request = { kernel: readWitnessImage(), random: countingRandom, options, ...contents };
  return loadOrFail(request, await machineOf(qemu)).kimage;
}

async function boot(kimage: Kimage, qemu: QemuOptions): Promise<{ console: string; end: BootEnd }> {
  let console = '';
  const end = await bootInQemu(kimage, qemu, {
    timeout: 60,
    onConsole: (text) => {
      console += text;
    },
  });
  return { console: console.replaceAll('\r', ''), end };
}

const CPUS = ['cortex-a53', 'cortex-a57', 'cortex-a72', 'neoverse-n1', 'max,pauth-impdef=on'];
const LEVELS = [
  { el: '1', machine: 'virt' },
  { el: '2', machine: 'virt,virtualization=on' },
];

describe('purgatory verifies, and enters the kernel as booting.rst requires', () => {
  const matrix = CPUS.flatMap((cpu) =>
    LEVELS.flatMap(({ el, machine }) => [1, 4].map((cpus) => ({ cpu, el, machine, cpus }))),
  );

  it.each(matrix)('on $cpu at EL$el with $cpus CPUs', async ({ cpu, el, machine, cpus }) => {
    for (const sha2 of [true, false]) {
      for (const caches of [true, false]) {
        const qemu = { ...QEMU, machine, cpu, cpus };
        const kimage = await plan(qemu, { sha2, caches });
        const { console, end } = await boot(kimage, qemu);
        expect(end).toEqual({ poweredOff: true });
        const how = sha2 ? "with the CPU's instructions for it" : 'with SIMD instructions';
        expect(console).toContain(
          `kexec-file: purgatory at EL${el}: verifying by SHA-256, ${how}, caches ${caches ? 'on' : 'off'}\n`,
        );
        const bytes = kimage.segments
          .filter(({ name }) => name !== 'purgatory')
          .reduce((sum, { memsz }) => sum + memsz, 0n);
        expect(console).toMatch(new RegExp(`\nkexec-file: ${bytes} bytes verified, \\d+ ms; entering 0x`));

        const witness = parseWitness(console);
        expect(Object.fromEntries(witness)).toMatchObject({
          x1: '0x0',
          x2: '0x0',
          x3: '0x0',
          el,
          daif: '0x3c0',
        });
        // Bits 0 and 2 of SCTLR: MMU and data cache.
        expect(BigInt(witness.get('sctlr') ?? '') & 0b101n).toBe(0n);
      }
    }
  });

  it('enters the kernel without output if checks are off', async () => {
    const { console, end } = await boot(await plan(QEMU, { checks: false }), QEMU);
    expect(end).toEqual({ poweredOff: true });
    expect(console).toMatch(/^witness: begin\n/);
  });

  it('reads regions beyond 4 GiB', async () => {
    const qemu = { ...QEMU, memory: '6G' };
    const { console, end } = await boot(await plan(qemu, {}), qemu);
    expect(end).toEqual({ poweredOff: true });
    expect(console).toContain('bytes verified');
    parseWitness(console);
  });

  it.each([1, 4095, 4096, 4097])('verifies an initrd of %i bytes', async (length) => {
    const { console } = await boot(await plan(QEMU, {}, { initrd: initrd.slice(0, length) }), QEMU);
    parseWitness(console);
  });
});

describe('a kernel that was tampered with', () => {
  const damaged = (console: string): string | undefined =>
    /^kexec-file: (\w+) at 0x\w+, \d+ bytes, is not what was loaded$/m.exec(console)?.[1];

  async function expectRefusal(kimage: Kimage, bit: TamperedBit): Promise<void> {
    const { console, end } = await boot(tamper(kimage, bit), QEMU);
    expect(damaged(console), JSON.stringify(bit)).toBe(bit.segment);
    expect(console).not.toContain('witness');
    expect(end).toEqual({ poweredOff: false, reset: true });
  }

  it.each(['kernel', 'initrd', 'dtb'] as const)(
    'is refused: the first and the last byte of %s',
    async (segment) => {
      const kimage = await plan(QEMU, {});
      await expectRefusal(kimage, { segment, offset: 0, bit: 7 });
      await expectRefusal(kimage, { segment, offset: findSegment(kimage, segment).bytes.length - 1 });
    },
  );

  it(`is refused: ${RANDOM_PLACES} places at random`, { timeout: 600_000 }, async () => {
    const kimage = await plan(QEMU, {});
    const place = fc.constantFrom(...(['kernel', 'initrd', 'dtb'] as const)).chain((segment) =>
      fc.record({
        segment: fc.constant(segment),
        offset: fc.nat(findSegment(kimage, segment).bytes.length - 1),
        bit: fc.nat(7),
      }),
    );
    await fc.assert(
      fc.asyncProperty(place, (bit) => expectRefusal(kimage, bit)),
      { numRuns: RANDOM_PLACES, endOnFailure: true },
    );
  });

  it('is entered all the same, with a message, if that was chosen', async () => {
    const kimage = await plan(QEMU, { onMismatch: 'continue' });
    const { console, end } = await boot(tamper(kimage, { segment: 'initrd', offset: 5 }), QEMU);
    expect(console).toContain('kexec-file: entering it all the same, as asked\n');
    expect(end).toEqual({ poweredOff: true });
    parseWitness(console);
  });
});
