import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { type CrashedPc, crashPc, expectReport, expectSelections, HIGH_AND_LOW } from './x86-crash.js';

interface Case extends CrashedPc {
  readonly name: string;
  /** Levels that makedumpfile 1.7.2 knows of Linux 6.12: of its slabs it takes some for memory of processes. */
  readonly levels: readonly number[];
}

const CASES: readonly Case[] = [
  {
    name: 'with 1 GiB, by kexec_load',
    kernel: 'cloud-6.12:amd64',
    guest: { memory: 1, cpus: 2, commandLine: 'crashkernel=256M' },
    load: '--syscall segments --keyring /boot/shim',
    areHigh: [false],
    levels: [1, 16, 17, 21, 23],
  },
  {
    ...HIGH_AND_LOW,
    name: 'with 5 GiB and crash regions high and low, by kexec_file_load',
    load: '--syscall file --policy as-kernel',
    levels: [23],
  },
];

describe('a crash of a PC is captured by the kernel that was loaded, and the dump is read as by others', {
  timeout: 2 * GUEST_TEST_TIMEOUT,
}, () => {
  it.each(CASES)('$name', async ({ levels, ...pc }) => {
    const vmcore = await crashPc(pc);
    expectReport(vmcore, pc);
    expectSelections(vmcore, levels);
  });
});
