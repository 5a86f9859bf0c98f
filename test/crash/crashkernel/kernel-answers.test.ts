import { describe, expect, it } from 'vitest';
import { explainMissingRegion } from '../../../src/crash/crashkernel/explain-reservation.js';
import { reserveCrashkernel } from '../../../src/crash/crashkernel/reserve-crashkernel.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';

/** What two of Debian's kernels printed on QEMU's virt board with that much RAM, in MiB, and that command line. */
const ANSWERS: [ram: bigint, commandLine: string, on612: string, on61?: string][] = [
  [2048n, 'crashkernel=256M', 'reserved'],
  [2048n, 'crashkernel=256M@', 'reserved'],
  [2048n, 'crashkernel=0x10M', 'reserved'],
  [2048n, 'crashkernel=1G-:128M,broken', 'reserved'],
  [2048n, 'crashkernel=1G-:128M,broken@1792M', 'reserved'],
  [2048n, 'crashkernel=256M,high', 'reserved'],
  [2048n, 'crashkernel=256M,high crashkernel=64M,low', 'reserved'],
  [2048n, 'crashkernel=128M crashkernel=256M,high', 'reserved'],
  [2048n, 'notcrashkernel=128M', 'reserved'],
  [2048n, '-- crashkernel=128M', 'reserved'],
  [2000n, 'crashkernel=2G-:256M', 'reserved'],
  [6144n, 'crashkernel=1G,high', 'reserved'],
  [6144n, 'crashkernel=1G,high crashkernel=0,low', 'reserved'],
  [6144n, 'crashkernel=2900M', 'reserved', 'cannot allocate crashkernel (size:0xb5400000)'],
  [2048n, 'crashkernel=256MB', 'crashkernel: unrecognized char: B'],
  [2048n, 'crashkernel=auto', 'crashkernel: memory value expected'],
  [2048n, 'crashkernel="256M"', 'crashkernel: memory value expected'],
  [2048n, 'crashkernel=1G:128M', "crashkernel: '-' expected"],
  [2048n, 'crashkernel=256M,low,high', 'crashkernel: unrecognized char: ,'],
  [2048n, 'crashkernel=128M crashkernel=256M,cma', 'crashkernel: unrecognized char: ,'],
  [2048n, 'crashkernel=4G-:256M', 'crashkernel size resulted in zero bytes'],
  [2048n, 'crashkernel=1G-2G:128M', 'crashkernel size resulted in zero bytes'],
  [2048n, 'crashkernel=2G', '', 'cannot allocate crashkernel (size:0x80000000)'],
  [2048n, 'crashkernel=128M,low', ''],
  [2048n, 'crashkernel=256M,high,low', ''],
  [2048n, 'crashkernel=1900M', 'cannot allocate crashkernel (size:0x76c00000)'],
  [6144n, 'crashkernel=4G', 'cannot allocate crashkernel (size:0x100000000)'],
  [2048n, 'crashkernel=256M@1G', 'crashkernel reservation failed - memory is in use.'],
  [2048n, 'crashkernel=256M@0x60100000', 'crashkernel reservation failed - memory is in use.'],
  [2048n, 'crashkernel=256M@8G', 'crashkernel reservation failed - memory is in use.'],
];

/** The guest: its kernel and device tree at the start of RAM, CMA and the like at the end of low RAM. */
const buildGuest = (ram: bigint, commandLine: string, release: string) => {
  const end = GIB + ram * MIB;
  const lowEnd = end < 4n * GIB ? end : 4n * GIB;
  return buildMachine({
    memory: [{ start: GIB, end }],
    reserved: [
      { start: GIB + 2n * MIB, end: GIB + 40n * MIB },
      { start: GIB + 128n * MIB, end: GIB + 130n * MIB },
      { start: lowEnd - 64n * MIB, end: lowEnd },
      { start: end - 100n * MIB, end },
    ],
    commandLine,
    kernel: { release },
  });
};

describe.each(['6.12.117', '6.1.192'])("Linux %s's crashkernel=", (release) => {
  it.each(ANSWERS)('with %i MiB of RAM: %s', (...row) => {
    const [ram, commandLine, on612, on61] = row;
    const answer = release.startsWith('6.1.') ? (on61 ?? on612) : on612;
    const machine = buildGuest(ram, commandLine, release);
    const outcome = reserveCrashkernel(machine);
    expect(outcome.kind === 'reserved').toBe(answer === 'reserved');
    // A message about the parameter is the kernel's own, and quoted.
    if (answer.startsWith('crashkernel: ') || answer.endsWith('zero bytes'))
      expect(outcome).toMatchObject({ kind: 'fault', message: answer });
    if (answer !== 'reserved') expect(explainMissingRegion(machine).cure).toMatch(/crashkernel=/);
  });
});
