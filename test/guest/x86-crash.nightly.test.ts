/** What test/guest/x86-crash.test.ts shows, by the other system call, and of another kernel. */
import { it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { type CrashedPc, crashPc, expectReport, expectSelections } from './x86-crash.js';

const PC: CrashedPc = {
  kernel: 'cloud-6.1:amd64',
  guest: { memory: 1, cpus: 1, commandLine: 'crashkernel=256M' },
  load: '--syscall file --policy as-kernel',
  areHigh: [false],
};

it('a crash of a PC with 1 GiB, by kexec_file_load, of Linux 6.1, at levels with slabs, too', {
  timeout: 2 * GUEST_TEST_TIMEOUT,
}, async () => {
  const vmcore = await crashPc(PC);
  expectReport(vmcore, PC);
  expectSelections(vmcore, [0, 1, 8, 17, 31]);
});
