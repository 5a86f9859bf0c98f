/** kdump-config alone: test/system/kdump-tools.test.ts has its service in a Debian system. */
import { describe, expect, it } from 'vitest';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { LINK, PAYLOAD_DIGEST, PAYLOAD_TEXT, PREPARE_KDUMP_TOOLS, readCodes, TRY } from './linked-kexec.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';

describe('a link named kexec', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('is called by an unmodified kdump-config, and the capture kernel starts', async () => {
    const { output, console } = await runGuest({
      files: {
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/boot/initrd': buildSecondInitrd(PAYLOAD_TEXT),
      },
      packages: ['kdump-tools', 'sysvinit-utils', 'file'],
      commandLine: 'crashkernel=256M greeting=hello',
      script: `
        ${LINK}; ${TRY}
        ${PREPARE_KDUMP_TOOLS}

        try kexec -p -S
        try kdump-config load
        try kdump-config status
        try kdump-config test
        try kexec -S
        try kdump-config unload
        try kdump-config status
        try kexec -S
        try kdump-config load
        sleep 2 # what was said is on its way to the serial port, which a crash does not wait for
        echo c > /proc/sysrq-trigger`,
    });
    expect(readCodes(output)).toEqual([
      '0 kexec -p -S',
      '0 kdump-config load',
      '0 kdump-config status',
      '0 kdump-config test',
      '1 kexec -S',
      '0 kdump-config unload',
      '0 kdump-config status',
      '0 kexec -S',
      '0 kdump-config load',
    ]);
    const second = secondKernel(console);
    expect(second?.commandLine).toMatch(
      /^console=ttyAMA0 quiet panic=-1 greeting=hello reset_devices .*nr_cpus=1/,
    );
    expect(second?.sha256.get(PAYLOAD)).toBe(PAYLOAD_DIGEST);
    expect(second?.chosen.has('linux,elfcorehdr')).toBe(true);
  });
});
