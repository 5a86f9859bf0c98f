/**
 * Crashes of other machines than that of crash.test.ts. By UEFI: uefi-machine.test.ts rehearses the crash of such a machine. With
 * crash regions above and below 4 GiB: so has a PC, in x86-crash.test.ts, and so have kernels, in conformance.
 */
import { describe, it } from 'vitest';
import { UEFI_FIRMWARE } from '../support/uefi-firmware.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { disk, expectSavedCrash, type SavedCrash, share } from './saved-crash.js';

const CASES: readonly SavedCrash[] = [
  {
    name: '2 CPUs and 1 GiB, by UEFI, with ACPI and a GICv3, to a disk by its label',
    target: disk,
    kernel: 'cloud-6.12',
    guest: {
      cpus: 2,
      memory: '1G',
      commandLine: 'crashkernel=384M',
      qemu: ['-bios', UEFI_FIRMWARE, '-machine', 'gic-version=3'],
    },
    isHigh: false,
    says: [/^saving to label=crash:\/var\/crash$/],
  },
  {
    name: '4 CPUs and 5 GiB, at EL2, crash regions above and below 4 GiB, to a share by another kernel',
    target: share,
    kernel: 'standard-6.1',
    guest: { cpus: 4, memory: '5G', el: 2, commandLine: 'crashkernel=1536M,high crashkernel=64M,low' },
    isHigh: true,
    says: [/^saving to 9p=dumps:\/crash$/],
  },
];

describe('a crash of a machine', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it.each(CASES)('of $name, is saved and can be read', expectSavedCrash);
});
