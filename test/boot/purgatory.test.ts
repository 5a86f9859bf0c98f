import { describe, expect, it } from 'vitest';
import { tamper } from '../../src/kexec/tamper.js';
import { findSegment } from '../support/load.js';
import { parseWitness } from '../support/witness.js';
import {
  bootKimage,
  expectRefusal,
  expectRefusedAnywhere,
  initrd,
  planWitness,
  QEMU,
} from './purgatory-boots.js';

/** The number of random places that are tampered with. Each night there are more: purgatory-tampered.nightly.test.ts. */
const RANDOM_PLACES = 20;

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
        const kimage = await planWitness(qemu, { sha2, caches });
        const { console, end } = await bootKimage(kimage, qemu);
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
    const { console, end } = await bootKimage(await planWitness(QEMU, { checks: false }), QEMU);
    expect(end).toEqual({ poweredOff: true });
    expect(console).toMatch(/^witness: begin\n/);
  });

  it('reads regions beyond 4 GiB', async () => {
    const qemu = { ...QEMU, memory: '6G' };
    const { console, end } = await bootKimage(await planWitness(qemu, {}), qemu);
    expect(end).toEqual({ poweredOff: true });
    expect(console).toContain('bytes verified');
    parseWitness(console);
  });

  it.each([1, 4095, 4096, 4097])('verifies an initrd of %i bytes', async (length) => {
    const { console } = await bootKimage(
      await planWitness(QEMU, {}, { initrd: initrd.slice(0, length) }),
      QEMU,
    );
    parseWitness(console);
  });
});

describe('a kernel that was tampered with', () => {
  it.each(['kernel', 'initrd', 'dtb'] as const)(
    'is refused: the first and the last byte of %s',
    async (segment) => {
      const kimage = await planWitness(QEMU, {});
      await expectRefusal(kimage, { segment, offset: 0, bit: 7 });
      await expectRefusal(kimage, { segment, offset: findSegment(kimage, segment).bytes.length - 1 });
    },
  );

  it('is refused: places at random', () => expectRefusedAnywhere(RANDOM_PLACES));

  it('is entered all the same, with a message, if that was chosen', async () => {
    const kimage = await planWitness(QEMU, { onMismatch: 'continue' });
    const { console, end } = await bootKimage(tamper(kimage, { segment: 'initrd', offset: 5 }), QEMU);
    expect(console).toContain('kexec-file: entering it all the same, as asked\n');
    expect(end).toEqual({ poweredOff: true });
    parseWitness(console);
  });
});
