/** The link on arm64: kexec-tools-x86.test.ts starts a kernel by it, and test/system/kdump-tools.test.ts has kdump-tools' service. */
import { describe, expect, it } from 'vitest';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import {
  compareWithKexecTools,
  LINK,
  PAYLOAD_DIGEST,
  PAYLOAD_TEXT,
  PREPARE_KDUMP_TOOLS,
  readCodes,
  TRY,
} from './linked-kexec.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';

const FILES = {
  '/boot/vmlinuz': corpus.cloudKernel(),
  '/boot/initrd': buildSecondInitrd(PAYLOAD_TEXT),
};

describe('a link named kexec', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('loads and starts a kernel with the arguments of kexec-tools and of systemd', async () => {
    const { output, console } = await runGuest({
      files: FILES,
      commandLine: 'greeting=hello BOOT_IMAGE=/boot/first',
      script: `
        ${LINK}; ${TRY}
        try kexec -e
        try kexec -p /boot/vmlinuz
        try kexec -s -l /boot/vmlinuz
        try kexec --load /boot/vmlinuz --append 'from=systemd' --initrd /boot/initrd
        try kexec -l /boot/initrd
        try kexec -l -S
        try kexec -S
        try kexec -u
        try kexec -l -S
        kexec -l /boot/vmlinuz --initrd=/boot/initrd --reuse-cmdline && kexec -e`,
    });
    expect(readCodes(output)).toEqual([
      '1 kexec -e',
      '1 kexec -p /boot/vmlinuz',
      '255 kexec -s -l /boot/vmlinuz',
      '0 kexec --load /boot/vmlinuz --append from=systemd --initrd /boot/initrd',
      '255 kexec -l /boot/initrd',
      '1 kexec -l -S',
      '0 kexec -S',
      '0 kexec -u',
      '0 kexec -l -S',
    ]);
    expect(output).toMatch(/^kexec: there is no crash region/m);
    expect(output).toMatch(/^kexec: refused: ENOSYS \(kexec-file-load\)/m);
    expect(output).toMatch(/^kexec: refused: EINVAL \(image-magic\)/m);
    const second = secondKernel(console);
    expect(second?.commandLine).toBe('console=ttyAMA0 quiet panic=-1 greeting=hello');
    expect(second?.sha256.get(PAYLOAD)).toBe(PAYLOAD_DIGEST);
  });

  it('is called by an unmodified kdump-config, and the capture kernel starts', async () => {
    const { output, console } = await runGuest({
      files: FILES,
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

  it("returns the exit codes of Debian's kexec, which sees what it loaded", async () => {
    const lines = [
      '-l -S',
      '-e',
      '-lZ /boot/little',
      '-l /boot/script',
      '-tImage --init=/boot/little -dl /boot/little --append x --append=y',
      '-l -S',
      '-l -u',
      // As kdumpctl does, with KEXEC_ARGS="-d".
      '-d -p --command-line=quiet --initrd=/boot/little /boot/little',
      '-S',
      '-l -S',
    ];
    const { output } = await runGuest({
      files: { '/boot/little': 'test/witness/witness.Image', '/boot/script': Buffer.from('#!/bin/sh\n') },
      packages: ['kexec-tools'],
      commandLine: 'crashkernel=256M',
      script: compareWithKexecTools(lines),
    });
    const [, theirs, ours] = output.split(/^== .*\n/m);
    expect(ours).toBe(theirs);
    expect(ours?.split('\n')).toEqual([
      ...lines.map((line) => expect.stringMatching(new RegExp(`^(0|1|255) ${line.replace(/[+]/g, '.')}$`))),
      '268435456',
      '0 -S',
      '',
    ]);
  });
});
