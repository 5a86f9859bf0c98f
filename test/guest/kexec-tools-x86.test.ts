import { describe, expect, it } from 'vitest';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { LINK, PAYLOAD_DIGEST, PAYLOAD_TEXT, readCodes, TRY } from './linked-kexec.js';
import { PLATFORMS } from './platforms.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';

describe('a link named kexec on x86_64', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('loads and unloads a crash kernel, and loads and starts a kernel', async () => {
    const { output, console } = await runGuest({
      kernel: 'cloud-6.12:amd64',
      files: {
        '/boot/vmlinuz': corpus.x86CloudKernel(),
        '/boot/initrd': buildSecondInitrd(PAYLOAD_TEXT, [], PLATFORMS.x64),
      },
      commandLine: 'crashkernel=256M greeting=hello BOOT_IMAGE=/boot/first',
      script: `
        ${LINK}; ${TRY}
        try kexec -l /boot/vmlinuz --real-mode
        try kexec -p /boot/vmlinuz --initrd=/boot/initrd --reuse-cmdline
        try kexec -S
        try kexec -p -u
        try kexec -S
        kexec -l /boot/vmlinuz --initrd=/boot/initrd --reuse-cmdline && kexec -e`,
    });
    expect(readCodes(output), output).toEqual([
      '1 kexec -l /boot/vmlinuz --real-mode',
      '0 kexec -p /boot/vmlinuz --initrd=/boot/initrd --reuse-cmdline',
      '1 kexec -S',
      '0 kexec -p -u',
      '0 kexec -S',
    ]);
    expect(output).toMatch(/^kexec: --real-mode is refused: the kernel is entered at its 64-bit entry/m);
    const second = secondKernel(console);
    expect(second?.commandLine, console).toBe(
      'console=ttyS0 quiet panic=-1 no_timer_check crashkernel=256M greeting=hello',
    );
    expect(second?.sha256.get(PAYLOAD)).toBe(PAYLOAD_DIGEST);
  });
});
