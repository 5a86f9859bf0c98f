/** What test/guest/x86-crash.test.ts shows, by the other system call, at another size, and of another kernel. */
import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { type CrashedPc, crashPc, expectReport, expectSelections } from './x86-crash.js';

/** Levels that makedumpfile 1.7.2 knows of Linux 6.12: of its slabs it takes some for memory of processes. */
const LEVELS = [1, 16, 17, 21, 23];

interface Case extends CrashedPc {
  readonly name: string;
  readonly levels: readonly number[];
}

const CASES: readonly Case[] = [
  {
    name: 'with 5 GiB and crash regions high and low, by kexec_load',
    kernel: 'cloud-6.12:amd64',
    guest: { memory: 5, cpus: 4, commandLine: 'crashkernel=256M,high crashkernel=128M,low' },
    load: '--syscall segments --keyring /boot/shim --hotplug',
    areHigh: [false, true],
    levels: LEVELS,
  },
  {
    name: 'with 1 GiB, by kexec_file_load, of Linux 6.1, at levels with slabs, too',
    kernel: 'cloud-6.1:amd64',
    guest: { memory: 1, cpus: 1, commandLine: 'crashkernel=256M' },
    load: '--syscall file --policy as-kernel',
    areHigh: [false],
    levels: [0, 1, 8, 17, 31],
  },
];

describe('a crash of a PC', { timeout: 2 * GUEST_TEST_TIMEOUT }, () => {
  it.each(CASES)('$name', async ({ levels, ...pc }) => {
    const vmcore = await crashPc(pc);
    expectReport(vmcore, pc);
    expectSelections(vmcore, levels);
  });
});
