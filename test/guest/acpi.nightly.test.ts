/** A tampered segment in a guest for arm64: test/boot/purgatory.test.ts refuses 200 of them, x86-live.test.ts one in a guest. */
import { describe, expect, it } from 'vitest';
import { corpus } from '../support/corpus.js';
import { UEFI_FIRMWARE } from '../support/uefi-firmware.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { GUEST_PROGRAM, programForGuest } from './guest-program.js';
import { buildSecondInitrd } from './second-kernel.js';

describe('a guest with UEFI firmware and ACPI', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('is reset through PSCI by purgatory, if a segment changed after it was loaded', async () => {
    const { output, console, status } = await runGuest({
      qemu: ['-bios', UEFI_FIRMWARE],
      memory: '1G',
      program: 'node',
      files: {
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/boot/initrd': buildSecondInitrd(Buffer.from('payload')),
        [GUEST_PROGRAM]: await programForGuest('tampered-load.ts'),
      },
      script: `
        kexec-file machine record -o /tmp/machine.json || exit 1
        node ${GUEST_PROGRAM} || exit 1
        kexec-file exec
      `,
    });
    expect(status, output).toBeUndefined();
    expect(console).toMatch(
      /kexec-file: initrd at 0x\w+, \d+ bytes, is not what was loaded\r\n.*expected \w{64}\r\n.*found {4}\w{64}\r\nkexec-file: resetting\r\n$/,
    );
  });
});
