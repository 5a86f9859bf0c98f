/** The witness, entered by purgatory on machines of QEMU, and what purgatory refuses to enter. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { PurgatoryOptions } from '../../src/kexec/hand-over-options.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import { type TamperedBit, tamper } from '../../src/kexec/tamper.js';
import type { QemuOptions } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { bootInQemu } from '../../src/node/qemu/boot-qemu.js';
import type { BootEnd } from '../../src/node/qemu/qemu-process.js';
import { recordFromQemu } from '../../src/node/qemu/record-qemu.js';
import { countingRandom, findSegment, loadOrFail } from '../support/load.js';
import { readWitnessImage } from '../support/witness.js';

/** The machine of tests that name no other. */
export const QEMU: QemuOptions = { machine: 'virt', cpu: 'cortex-a57', memory: '512M', cpus: 1 };
/** The initrd of tests that give no other; its length is odd. */
export const initrd = Uint8Array.from({ length: 100_003 }, (_, index) => (index * index) >> 3);

const machines = new Map<string, Promise<Machine>>();

/** Records the machine that QEMU emulates with some options, once. */
function machineOf(qemu: QemuOptions): Promise<Machine> {
  const key = JSON.stringify(qemu);
  const machine = machines.get(key) ?? recordFromQemu(qemu);
  machines.set(key, machine);
  return machine;
}

/** What loads the witness on a machine of QEMU. */
export async function planWitness(
  qemu: QemuOptions,
  purgatory: PurgatoryOptions,
  contents: { initrd?: Uint8Array } = { initrd },
) {
  const options = { commandLine: 'quiet', purgatory };
  const request = { kernel: readWitnessImage(), random: countingRandom, options, ...contents };
  return loadOrFail(request, await machineOf(qemu)).kimage;
}

/** Boots a kimage. @returns the console, and how the machine ended */
export async function bootKimage(
  kimage: Kimage,
  qemu: QemuOptions,
): Promise<{ console: string; end: BootEnd }> {
  let console = '';
  const end = await bootInQemu(kimage, qemu, {
    timeout: 60,
    onConsole: (text) => {
      console += text;
    },
  });
  return { console: console.replaceAll('\r', ''), end };
}

/** The segment that purgatory reports as changed. */
function findDamaged(console: string): string | undefined {
  return /^kexec-file: (\w+) at 0x\w+, \d+ bytes, is not what was loaded$/m.exec(console)?.[1];
}

/** Expects that purgatory refuses a changed bit, and resets the machine. */
export async function expectRefusal(kimage: Kimage, bit: TamperedBit): Promise<void> {
  const { console, end } = await bootKimage(tamper(kimage, bit), QEMU);
  expect(findDamaged(console), JSON.stringify(bit)).toBe(bit.segment);
  expect(console).not.toContain('witness');
  expect(end).toEqual({ poweredOff: false, reset: true });
}

/** Expects that purgatory refuses a changed bit at random places. @param places - their number; each boots a machine */
export async function expectRefusedAnywhere(places: number): Promise<void> {
  const kimage = await planWitness(QEMU, {});
  const place = fc.constantFrom(...(['kernel', 'initrd', 'dtb'] as const)).chain((segment) =>
    fc.record({
      segment: fc.constant(segment),
      offset: fc.nat(findSegment(kimage, segment).bytes.length - 1),
      bit: fc.nat(7),
    }),
  );
  await fc.assert(
    fc.asyncProperty(place, (bit) => expectRefusal(kimage, bit)),
    { numRuns: places, endOnFailure: true },
  );
}
