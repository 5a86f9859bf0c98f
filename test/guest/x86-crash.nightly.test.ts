/** What test/guest/x86-crash.test.ts shows, by the other system calls, and of another kernel. */
import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { type CapturedCrash, expectCapturedCrash, HIGH_AND_LOW } from './x86-crash.js';

const CASES: readonly CapturedCrash[] = [
  {
    name: 'with 1 GiB, by kexec_file_load, of Linux 6.1, at levels with slabs, too',
    kernel: 'cloud-6.1:amd64',
    guest: { memory: 1, cpus: 1, commandLine: 'crashkernel=256M' },
    load: '--syscall file --policy as-kernel',
    areHigh: [false],
    levels: [0, 1, 8, 17, 31],
  },
  {
    ...HIGH_AND_LOW,
    name: 'with 5 GiB and crash regions high and low, by kexec_load with --hotplug',
    load: '--syscall segments --keyring /boot/shim --hotplug',
    levels: [23],
  },
];

describe('a crash of a PC is captured', { timeout: 2 * GUEST_TEST_TIMEOUT }, () => {
  it.each(CASES)('$name', expectCapturedCrash);
});
