/** A crash by UEFI: crash.test.ts crashes by other firmware, and uefi-machine.test.ts rehearses the crash of such a machine. */
import { it } from 'vitest';
import { UEFI_FIRMWARE } from '../support/uefi-firmware.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { disk, expectSavedCrash, type SavedCrash } from './saved-crash.js';

const CRASH: SavedCrash = {
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
};

it(`a crash of a machine of ${CRASH.name}, is saved and can be read`, { timeout: GUEST_TEST_TIMEOUT }, () =>
  expectSavedCrash(CRASH),
);
