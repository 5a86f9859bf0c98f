import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { concatenate } from '../../src/base/bytes.js';
import { ET_CORE, PT_LOAD, PT_NOTE } from '../../src/formats/elf/format.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../src/formats/elf/program-headers.js';
import {
  buildDbg2,
  buildFadt,
  buildGicc,
  buildGicd,
  buildGtdt,
  buildIts,
  buildMadt,
  buildSpcr,
  buildWatchdog,
} from './acpi.js';
import { buildSmallDeviceTree } from './machine.js';

export const RELEASE = '6.12.117+deb12-cloud-arm64';

/** The relevant lines of /proc/iomem of Linux 6.12 on QEMU's virt with 2 GiB and crashkernel=256M. */
export const IOMEM = `09000000-09000fff : pl011@9000000
  09000000-09000fff : 9000000.pl011 pl011@9000000
40000000-bfffffff : System RAM
  41410000-42adffff : Kernel code
  42ae0000-42f9ffff : reserved
  42fa0000-4350ffff : Kernel data
  48000000-482fffff : reserved
  a0000000-afffffff : Crash kernel
`;

export const VMCOREINFO = `OSRELEASE=${RELEASE}
BUILD-ID=2cd1b2ae6c0f0f6a5d4e7d46c1f6a2b9f1c39c2e
PAGESIZE=4096
SYMBOL(_stext)=ffffd00aa2c10000
NUMBER(VA_BITS)=48
NUMBER(MODULES_VADDR)=0xffff800000000000
NUMBER(MODULES_END)=0xffff800080000000
NUMBER(kimage_voffset)=0xffffd00a61800000
NUMBER(PHYS_OFFSET)=0x40000000
KERNELOFFSET=500a22c00000
`;

/** The files of a machine, by path, as `collectLive()` and the collector find them as root. */
export function buildMachineFiles(): Record<string, string | Uint8Array> {
  return {
    '/proc/iomem': IOMEM,
    '/proc/cmdline': 'root=/dev/vda1 crashkernel=256M\n',
    '/proc/cpuinfo':
      'processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd07\n\nprocessor\t: 1\nCPU implementer\t: 0x41\nCPU part\t: 0xd07\n',
    '/proc/kcore': buildKcore(VMCOREINFO),
    '/proc/kallsyms':
      'ffffd00aa2c00000 t .head.text\nffffd00aa2c00000 T _text\nffffd00aa2c10000 T _stext\nffffd00aa4d10000 B _end\nffffd00a00000000 t _text_of_a_module\t[virtio]\n',
    '/proc/meminfo': 'MemTotal:        1697936 kB\nMemFree:         1600000 kB\n',
    '/proc/sys/kernel/osrelease': `${RELEASE}\n`,
    '/proc/sys/kernel/kexec_load_disabled': '0\n',
    '/proc/sys/kernel/kexec_load_limit_reboot': '-1\n',
    '/proc/sys/kernel/kexec_load_limit_panic': '3\n',
    [`/boot/config-${RELEASE}`]:
      '# Linux/arm64 6.12.117 Kernel Configuration\nCONFIG_CC_VERSION_TEXT="gcc-12"\nCONFIG_KEXEC=y\n# CONFIG_KEXEC_FILE is not set\nCONFIG_ARM64_4K_PAGES=y\nCONFIG_ARM64_VA_BITS=48\nCONFIG_RD_ZSTD=y\n',
    '/sys/firmware/fdt': buildSmallDeviceTree(),
    '/sys/firmware/devicetree/base/name': '\0',
    '/sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f': Uint8Array.of(39, 0, 0, 0, 1, 2, 3),
    '/sys/firmware/efi/mok-variables/MokListRT': Uint8Array.of(9, 8, 7),
    '/sys/firmware/efi/efivars/MokListXRT-605dab50-e046-4300-abb6-3dd810dd8b23': Uint8Array.of(6, 0, 0, 0, 5),
    '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': Uint8Array.of(6, 0, 0, 0, 1),
    '/sys/firmware/efi/efivars/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c': Uint8Array.of(6, 0, 0, 0, 0),
    '/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f': encodeEfiText('GRUB 2.12'),
    '/sys/firmware/acpi/tables/FACP': buildFadt(),
    '/sys/firmware/acpi/tables/APIC': buildMadt(buildGicd(3), buildGicc(), buildGicc(), buildIts()),
    '/sys/firmware/acpi/tables/SPCR': buildSpcr(),
    '/sys/firmware/acpi/tables/GTDT': buildGtdt([buildWatchdog()]),
    '/sys/firmware/acpi/tables/DBG2': buildDbg2(),
    '/sys/class/dmi/id/sys_vendor': 'Amazon EC2\n',
    '/sys/class/dmi/id/product_name': 'm6g.metal\n',
    '/sys/class/dmi/id/bios_vendor': 'EDK II\n',
    '/sys/class/dmi/id/bios_version': '2024.05-1\n',
    '/sys/firmware/efi/fw_platform_size': '64\n',
    '/sys/firmware/efi/systab': 'ACPI20=0xb37f0018\nSMBIOS3=0xbfed0000\n',
    '/sys/bus/platform/devices/efivars.0': 'a device\n',
    '/sys/bus/platform/devices/rtc-efi.0': 'a device\n',
    '/sys/firmware/efi/mok-variables/MokListTrustedRT': Uint8Array.of(1),
    '/etc/default/grub': 'GRUB_TIMEOUT=5\n',
    '/usr/sbin/grubby': '#!/bin/sh\n',
    '/usr/bin/makedumpfile': buildProgram('makedumpfile: version 1.7.6 (released on 23 Oct 2024)\n'),
    '/etc/systemd/system/basic.target.wants/kdump-tools.service': '[Unit]\n',
    '/etc/default/kdump-tools':
      'USE_KDUMP=1\n#KDUMP_COREDIR="/srv"\nKDUMP_COREDIR="/var/crash" # as it comes\nFTP_PASSWORD="secret"\nKDUMP_FAIL_CMD="reboot -f"\n',
    '/etc/kdump.conf':
      '#raw /dev/vg/lv_kdump\npath /var/crash\ncore_collector makedumpfile -l --message-level 7 -d 31\n',
    '/sys/kernel/security/lsm': 'lockdown,capability,selinux,ima',
    '/sys/kernel/security/ima/policy': 'appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig\n',
    '/sys/fs/selinux/enforce': '1',
    '/sys/kernel/vmcoreinfo': '0x0000000043601000 1024\n',
    '/sys/kernel/security/lockdown': 'none [integrity] confidentiality\n',
    '/sys/kernel/debug/memblock/memory': '   0: 0x0000000040000000..0x00000000bfffffff    0 NONE\n',
    '/sys/kernel/debug/memblock/reserved': '   0: 0x0000000041400000..0x000000004350ffff    x NONE\n',
    '/sys/devices/system/cpu/possible': '0-10\n',
    ...Object.fromEntries(
      [0, 1, 2, 10].flatMap((cpu) => [
        [`/sys/devices/system/cpu/cpu${cpu}/crash_notes`, `bff${cpu.toString(16)}5000\n`],
        [`/sys/devices/system/cpu/cpu${cpu}/crash_notes_size`, '424\n'],
      ]),
    ),
    '/sys/devices/system/cpu/cpuidle/current_driver': 'none\n',
  };
}

/** An EFI variable that holds a text, as efivarfs gives it: attributes, then UTF-16 with a NUL. */
export function encodeEfiText(text: string): Uint8Array {
  return Uint8Array.of(6, 0, 0, 0, ...Buffer.from(`${text}\0`, 'utf16le'));
}

/** A program that contains a text among its bytes. */
export function buildProgram(text: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff, 0), Buffer.from(`usage\0${text}\0`)]);
}

/** Writes files below a folder, as below a machine's root folder. */
export function writeRoot(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/**
 * The beginning of a /proc/kcore: ELF header, program headers, the notes CORE and VMCOREINFO, zeros to a page's end.
 */
export function buildKcore(vmcoreinfo: string): Uint8Array {
  const notes = buildKcoreNotes(vmcoreinfo);
  const offset = BigInt(headersSize(2));
  const none: ProgramHeader = {
    type: PT_NOTE,
    flags: 0,
    offset,
    virtualAddress: 0n,
    physicalAddress: 0n,
    fileSize: BigInt(notes.length),
    memorySize: 0n,
    alignment: 0n,
  };
  const ram = { ...none, type: PT_LOAD, offset: 1n << 47n, fileSize: 1n << 31n, memorySize: 1n << 31n };
  const headers = writeHeaders({ type: ET_CORE, entry: 0n, programHeaders: [none, ram] }, headersSize(2));
  return concatenate([headers, notes, new Uint8Array(8192 - headers.length - notes.length)]);
}

/** The notes of a /proc/kcore: CORE and VMCOREINFO. */
export function buildKcoreNotes(vmcoreinfo: string): Uint8Array {
  return concatenate([
    note('CORE', 1, new Uint8Array(392)),
    note('CORE', 4, new TextEncoder().encode('\nOSRELEASE?\0')),
    note('VMCOREINFO', 0, new TextEncoder().encode(vmcoreinfo)),
  ]);
}

function note(name: string, type: number, descriptor: Uint8Array): Uint8Array {
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setUint32(0, name.length + 1, true);
  view.setUint32(4, descriptor.length, true);
  view.setUint32(8, type, true);
  return concatenate([header, padded(new TextEncoder().encode(`${name}\0`)), padded(descriptor)]);
}

function padded(bytes: Uint8Array): Uint8Array {
  return concatenate([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
}
