import { describe, expect, it } from 'vitest';
import { BOOT_PARAMS_AT as AT } from '../../src/formats/boot-params-fields.js';
import { X86_PLATFORM } from '../../src/node/qemu/x86-platform.js';
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
import { PLATFORMS } from './platforms.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';

/** A table of ACPI, by which a kernel shows that it found them. */
const DSDT = '/sys/firmware/acpi/tables/DSDT';

const FILES = {
  '/boot/vmlinuz': corpus.x86CloudKernel(),
  '/boot/initrd': buildSecondInitrd(PAYLOAD_TEXT, [DSDT], PLATFORMS.x64),
  '/boot/script': Buffer.from('#!/bin/sh\n'),
};

describe('a link named kexec on x86_64, in the place of kexec-tools', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it("returns the exit codes of Debian's kexec, and purgatory prints to the port of --console-serial", async () => {
    const lines = [
      '-l -S',
      '-lZ /boot/vmlinuz',
      '-l /boot/script',
      '-s -l --append=x /boot/vmlinuz',
      '-l -S',
      '-l -u',
      // As kdumpctl does with x86_64's KEXEC_ARGS.
      '-s -d -p --command-line=quiet --initrd=/boot/script /boot/vmlinuz',
      '-S',
      '-l -S',
    ];
    const { output, console } = await runGuest({
      kernel: 'cloud-6.12:amd64',
      files: FILES,
      packages: ['kexec-tools:amd64'],
      commandLine: 'crashkernel=256M',
      script: `
        ${compareWithKexecTools(lines)}
        ${LINK}
        kexec -c -l /boot/vmlinuz --initrd=/boot/initrd --append='console=ttyS0 quiet' \\
          --noefi --console-serial && kexec -e`,
    });
    const [, theirs, ours] = output.split(/^== .*\n/m);
    expect(ours, `${output}\n${console}`).toBe(theirs);
    expect(ours?.split('\n')).toEqual([
      ...lines.map((line) => expect.stringMatching(new RegExp(`^(0|1|255) ${line}$`))),
      '268435456',
      '0 -S',
      '',
    ]);
    expect(console).toMatch(/^kexec-file: \d+ bytes verified; entering 0x/m);
    expect(secondKernel(console)?.sha256.get(PAYLOAD)).toBe(PAYLOAD_DIGEST);
  });

  it('is called by an unmodified kdump-config, and the capture kernel starts', async () => {
    const { output, console } = await runGuest({
      kernel: 'cloud-6.12:amd64',
      files: FILES,
      packages: ['kdump-tools:amd64', 'sysvinit-utils:amd64', 'file:amd64'],
      commandLine: 'crashkernel=256M greeting=hello',
      script: `
        ${LINK}; ${TRY}
        ${PREPARE_KDUMP_TOOLS}

        try kdump-config load
        try kdump-config status
        try kexec -S
        try kdump-config unload
        try kexec -S
        try kdump-config load
        sleep 2 # what was said is on its way to the serial port, which a crash does not wait for
        echo c > /proc/sysrq-trigger`,
    });
    expect(readCodes(output), output).toEqual([
      '0 kdump-config load',
      '0 kdump-config status',
      '1 kexec -S',
      '0 kdump-config unload',
      '0 kexec -S',
      '0 kdump-config load',
    ]);
    const second = secondKernel(console);
    expect(second?.commandLine, console).toMatch(
      /^elfcorehdr=0x[0-9a-f]+ console=ttyS0 quiet panic=-1 no_timer_check greeting=hello reset_devices .*nr_cpus=1/,
    );
    expect(second?.sha256.get(PAYLOAD)).toBe(PAYLOAD_DIGEST);
  });

  it('hands nothing of UEFI over with --noefi, and the next kernel finds ACPI all the same', async () => {
    const { firmware } = X86_PLATFORM;
    const { output, console } = await runGuest({
      kernel: 'cloud-6.12:amd64',
      files: FILES,
      qemu: firmware.buildArguments(firmware.installed[0] ?? ''),
      script: `
        ${LINK}
        [ -d /sys/firmware/efi/runtime-map ] && sha256sum ${DSDT}
        kexec -l /boot/vmlinuz --noefi
        kexec -c -l /boot/vmlinuz --initrd=/boot/initrd --reuse-cmdline --noefi && kexec -e`,
    });
    expect(output).toMatch(/^kexec: refused: EINVAL \(live-option\)\n(.*\n)*?.*--noefi/m);
    const second = secondKernel(console);
    expect(second?.sha256.get(PAYLOAD), console).toBe(PAYLOAD_DIGEST);
    expect(second?.sha256.get(DSDT)).toBe(/[0-9a-f]{64}(?= {2}\/sys)/.exec(output)?.[0]);
    const params = second?.bootParams ?? new Uint8Array();
    expect(params.subarray(AT.efiSignature, AT.efiSignature + 32)).toEqual(Buffer.alloc(32));
    // Secure Boot is off in this firmware: 2 is efi_secureboot_mode_disabled.
    expect(params[AT.secureBoot]).toBe(2);
  });
});
