import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { type CapturedCrash, expectCapturedCrash, HIGH_AND_LOW } from './x86-crash.js';

const CASES: readonly CapturedCrash[] = [
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
  it.each(CASES)('$name', expectCapturedCrash);
});
