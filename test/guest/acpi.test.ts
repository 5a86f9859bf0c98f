import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseMachine } from '../../src/machine/schema.js';
import { corpus } from '../support/corpus.js';
import { listFacts } from '../support/doctor.js';
import { UEFI_FIRMWARE } from '../support/uefi-firmware.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';
import { buildSecondInitrd, secondKernel } from './second-kernel.js';

const RENAME_PROPERTY = `
  const fs = require("fs");
  const tree = fs.readFileSync("/sys/firmware/fdt", "latin1");
  fs.writeFileSync("/tmp/fdt", tree.replace("linux,uefi-secure-boot", "other,uefi-secure-boot"), "latin1");
`;

describe('a guest with UEFI firmware and ACPI', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('is recorded with what its tables say, and purgatory prints to the UART of the SPCR', async () => {
    const { output, console } = await runGuest({
      qemu: ['-bios', UEFI_FIRMWARE, '-machine', 'gic-version=3'],
      program: 'node',
      files: {
        '/boot/vmlinuz': corpus.cloudKernel(),
        '/boot/initrd': buildSecondInitrd(Buffer.from('payload')),
      },
      script: `
        kexec-file machine record -o /tmp/machine.json 2> /tmp/said || { cat /tmp/said; exit 1; }
        gzip -c /tmp/machine.json | base64 -w 0
        echo

        # The tree that the EFI stub of a mainline kernel would have left.
        node -e '${RENAME_PROPERTY}'
        mount -o bind /tmp/fdt /sys/firmware/fdt
        ! kexec-file load /boot/vmlinuz --strict --reuse-cmdline --initrd /boot/initrd --policy permissive --syscall segments || exit 1
        umount /sys/firmware/fdt

        kexec-file load /boot/vmlinuz --initrd /boot/initrd --policy permissive --syscall segments \\
          --command-line console=ttyAMA0 > /tmp/said 2>&1 || { cat /tmp/said; exit 1; }
        kexec-file exec
      `,
    });
    const [line = ''] = output.split('\n');
    const machine = parseMachine(gunzipSync(Buffer.from(line, 'base64')).toString('utf8'));
    expect(machine.unknown?.filter(({ fact }) => fact.startsWith('acpi'))).toEqual([]);
    expect(machine.acpi).toMatchObject({
      tables: expect.arrayContaining(['FACP', 'APIC', 'SPCR', 'GTDT']),
      cpuMethod: 'psci-hvc',
      console: { type: 'pl011', address: 0x0900_0000n },
      gic: { version: 3, its: 1 },
      watchdogs: 0,
    });
    expect(machine).toMatchObject({
      systemVendor: 'QEMU',
      systemProduct: 'QEMU Virtual Machine',
      firmware: { vendor: 'EFI Development Kit II / OVMF' },
      efi: { platformSize: 64, tables: ['ACPI20', 'SMBIOS3'], services: ['variables', 'time'] },
    });
    expect(listFacts('firmware', machine)).toEqual([
      expect.stringMatching(
        /^fine both: the firmware is UEFI of 64 bits, by EFI .*, on QEMU Virtual Machine$/,
      ),
      'fine both: UEFI Secure Boot is off',
      'fine both: EFI runtime services are in use (variables, time)',
      "fine kexec: the tables of the interrupt controller's LPIs are reserved for the next kernel",
    ]);
    expect(console).toContain('GICv3: Using preallocated redistributor tables');
    expect(listFacts('cpus', machine)).toEqual([
      'fine kexec: CPUs are started and stopped by PSCI, called by HVC (there are 2)',
    ]);
    expect(output).toMatch(
      /refused: ENODATA \(uefi-properties\)\n.*asks for linux,uefi-secure-boot in \/chosen/,
    );
    expect(console).toMatch(/kexec-file: \d+ bytes verified, \d+ ms; entering 0x/);
    expect(secondKernel(console)?.commandLine).toContain('console=ttyAMA0');
  });
});
