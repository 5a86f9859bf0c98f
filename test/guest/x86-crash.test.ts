import { it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { type CrashedPc, crashPc, expectReport, expectSelections } from './x86-crash.js';

const PC: CrashedPc = {
  kernel: 'cloud-6.12:amd64',
  guest: { memory: 1, cpus: 2, commandLine: 'crashkernel=256M' },
  load: '--syscall segments --keyring /boot/shim',
  areHigh: [false],
};

it('a crash of a PC is captured by the kernel that kexec_load loaded, and the dump is read as by others', {
  timeout: GUEST_TEST_TIMEOUT,
}, async () => {
  const vmcore = await crashPc(PC);
  expectReport(vmcore, PC);
  expectSelections(vmcore, [1, 16, 17, 21, 23]);
});
