/** The fields of a machine file that every architecture has, as schemas. */
import * as z from 'zod';
import { decodeBase64, encodeBase64 } from '../base/bytes.js';
import { areInOrder } from '../base/range.js';
import { buildReportHeader } from '../base/report-header.js';
import { hex } from '../base/u64.js';
import { ACPI_CPU_METHODS, ACPI_UARTS } from './acpi-facts.js';
import { EFI_SERVICES } from './efi-facts.js';
import { KDUMP_UNITS } from './kdump-tools.js';
import type { Machine } from './machine-value.js';
import {
  buildBoardPattern,
  describeBoardForm,
  MAX_QEMU_CPUS,
  QEMU_FORMS,
  QEMU_PATTERNS,
} from './qemu-patterns.js';

/** The version of the file's format, in its field `kexecFileMachine`. */
export const FORMAT_VERSION = 1;

const MACHINE_HEADER = buildReportHeader('machine');

/**
 * The header that `machine show --json` adds, as every report has it. A file that is recorded has none, so that earlier
 * releases read it.
 */
export const HEADER_FIELDS = {
  schema: z
    .literal(MACHINE_HEADER.schema)
    .exactOptional()
    .describe('The kind of report, which `machine show --json` adds.'),
  version: z
    .literal(MACHINE_HEADER.version)
    .exactOptional()
    .describe('The version of the report, which `machine show --json` adds.'),
} as const;

/** An address or a size: "0x…" in the file, a bigint in the value. */
export const addressField = z.codec(
  z.string().regex(/^0x[0-9a-f]{1,17}$/, 'must be "0x…", lower case'),
  z.bigint(),
  { decode: BigInt, encode: hex },
);

/** Bytes: base64 in the file. */
export const bytesField = z.codec(z.base64(), z.instanceof(Uint8Array<ArrayBufferLike>), {
  decode: decodeBase64,
  encode: encodeBase64,
});

/** A half-open range of addresses. */
export const rangeField = z
  .strictObject({
    start: addressField.describe('The address of the first byte.'),
    end: addressField.describe('The address of the first byte after it.'),
  })
  .refine(
    ({ start, end }) => start <= end && end <= 1n << 64n,
    'must not end before it starts, nor beyond 64 bits',
  );

const memory = z
  .array(rangeField)
  .min(1)
  .refine(areInOrder, 'must be lowest first, without overlaps')
  .readonly();

/** A text that the recorded machine may lack, or that could not be read there. */
function optionalText(description: string): z.ZodExactOptional<z.ZodString> {
  return z.string().exactOptional().describe(description);
}

const kernel = z.strictObject({
  release: optionalText('Its release, as `uname -r` prints it: /proc/sys/kernel/osrelease.'),
  config: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe(
      'The options of its configuration that decide about kexec, without `CONFIG_`: `y`, `m`, or the value. An option that is not set is absent. From /proc/config.gz or /boot.',
    ),
  vmcoreinfo: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('The values of VMCOREINFO by their names, such as `NUMBER(VA_BITS)`: /proc/kcore.'),
  kexecLoadDisabled: z
    .boolean()
    .exactOptional()
    .describe(
      'Whether neither system call loads anything until the next boot: /proc/sys/kernel/kexec_load_disabled.',
    ),
  kexecLoadLimitReboot: z
    .int()
    .min(-1)
    .exactOptional()
    .describe(
      'How many kernels may still be loaded; -1 is no limit: /proc/sys/kernel/kexec_load_limit_reboot.',
    ),
  kexecLoadLimitPanic: z
    .int()
    .min(-1)
    .exactOptional()
    .describe(
      'How many crash kernels may still be loaded; -1 is no limit: /proc/sys/kernel/kexec_load_limit_panic.',
    ),
  securityModules: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('The active security modules, in their order: /sys/kernel/security/lsm.'),
  selinuxEnforcing: z
    .boolean()
    .exactOptional()
    .describe(
      'Whether SELinux refuses what its policy does not allow, or only logs it: /sys/fs/selinux/enforce.',
    ),
  imaPolicy: optionalText("The rules of IMA's policy, one on each line: /sys/kernel/security/ima/policy."),
});

const crash = z.strictObject({
  notes: z
    .array(rangeField)
    .readonly()
    .describe(
      'Where each possible CPU leaves its registers in a crash: crash_notes and crash_notes_size in /sys/devices/system/cpu/cpuN.',
    ),
  vmcoreinfo: rangeField.describe('The VMCOREINFO note: /sys/kernel/vmcoreinfo.'),
  text: z
    .strictObject({
      start: addressField.describe('The physical address of `_text`.'),
      end: addressField.describe('The physical address of `_end`.'),
      virtual: addressField.describe('The virtual address of `_text`.'),
    })
    .describe('Where the kernel lies, from `_text` to `_end`: /proc/iomem and VMCOREINFO.'),
  linearMap: z
    .strictObject({
      physical: addressField.describe('A physical address.'),
      virtual: addressField.describe('The virtual address at which it is mapped.'),
    })
    .describe('How the kernel maps RAM, by one pair of addresses: VMCOREINFO.'),
});

const kdumpSettings = z.record(z.string(), z.string()).exactOptional();

const kdumpTools = z.strictObject({
  units: z
    .array(z.enum(KDUMP_UNITS))
    .readonly()
    .describe('The services that are enabled: links in /etc/systemd/system.'),
  makedumpfile: z
    .strictObject({
      path: z.string().describe('Where the program is found.'),
      file: optionalText('The file that the path leads to, if it is another one.'),
      version: optionalText('Its version, as its own bytes say it.'),
    })
    .exactOptional()
    .describe('The program that filters dumps, if it is installed.'),
  kdumpToolsSettings: kdumpSettings.describe('Of /etc/default/kdump-tools; no passwords.'),
  kdumpConf: kdumpSettings.describe('Of /etc/kdump.conf.'),
  kdumpSysconfig: kdumpSettings.describe('Of /etc/sysconfig/kdump.'),
});

const uartFields = {
  type: z.enum(ACPI_UARTS).describe('The kind of UART, by its driver.'),
  space: z
    .literal('port')
    .exactOptional()
    .describe('Left out if its registers lie in memory; only x86_64 has ports.'),
  address: addressField.describe('The physical address of its registers, or the first of its ports.'),
  accessBits: z
    .union([z.literal(8), z.literal(16), z.literal(32), z.literal(64)])
    .exactOptional()
    .describe('The bits of an access to a register, if firmware says so.'),
} as const;

const efi = z.strictObject({
  platformSize: z
    .union([z.literal(32), z.literal(64)])
    .exactOptional()
    .describe('The width of the firmware in bits: fw_platform_size.'),
  tables: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe("The names of the firmware's tables, such as ACPI20 and SMBIOS3: systab."),
  services: z
    .array(z.enum(EFI_SERVICES))
    .readonly()
    .exactOptional()
    .describe(
      'EFI runtime services in use: `variables` (the device efivars.0), `time` (rtc-efi.0). None if they are disabled (efi=noruntime), or the firmware has neither.',
    ),
});

const acpi = z.strictObject({
  tables: z
    .array(z.string())
    .readonly()
    .describe('Those of the tables FACP, APIC, SPCR, GTDT, DBG2 and IORT that exist.'),
  cpuMethod: z
    .enum(ACPI_CPU_METHODS)
    .exactOptional()
    .describe(
      'How CPUs are started: by PSCI, which is called by SMC or HVC (FACP), or by the parking protocol (APIC). `unknown`: the tables name neither.',
    ),
  console: z
    .strictObject({
      ...uartFields,
      baud: z
        .int()
        .min(1)
        .exactOptional()
        .describe('Its speed in bits a second; without it, it is used as firmware left it.'),
    })
    .exactOptional()
    .describe('The UART that firmware names as console: SPCR.'),
  debugPorts: z
    .array(z.strictObject(uartFields))
    .readonly()
    .exactOptional()
    .describe('The UARTs that firmware names for debuggers: DBG2.'),
  gic: z
    .strictObject({
      version: z.int().min(1).max(4).exactOptional().describe('Its version, if firmware says so.'),
      its: z.int().min(0).describe('The number of its interrupt translation services.'),
    })
    .exactOptional()
    .describe("Arm's interrupt controller: APIC."),
  watchdogs: z
    .int()
    .min(0)
    .exactOptional()
    .describe('The number of Arm generic watchdogs that the kernel can use: GTDT.'),
});

const cma = z.strictObject({
  total: addressField.describe('All CMA areas together, in bytes: CmaTotal of /proc/meminfo.'),
  defaultArea: rangeField
    .exactOptional()
    .describe(
      'The default area, if its place is known: by the node with `linux,cma-default`, or by `cma=SIZE@START`.',
    ),
});

const handover = z.strictObject({
  scratch: z
    .array(rangeField)
    .min(1)
    .readonly()
    .describe(
      "Its scratch areas, in the kernel's order, which is that of its searches: scratch_phys and scratch_len in /sys/kernel/debug/kho/out.",
    ),
  fdt: addressField
    .exactOptional()
    .describe(
      "The physical address of the page with the running kernel's KHO device tree. The kernel shows it nowhere: `machine record` leaves it out.",
    ),
});

/** `cpu.possible`, which stands among the CPUs' own facts in the file. */
export const possibleCpusField = z
  .int()
  .min(1)
  .exactOptional()
  .describe('How many CPUs there may ever be: /sys/devices/system/cpu/possible.');

/** All common fields but `architecture`, `pageSize` and `cpu`, which differ by architecture. */
export const COMMON_FIELDS = {
  name: z
    .string()
    .describe(
      'The name that people give the machine: its host name, or that of the folder or tar that it was recorded from.',
    ),
  memorySource: z
    .enum(['memblock', 'iomem', 'device-tree'])
    .describe('Where the memory map comes from, the most exact source first.'),
  memory: memory.describe(
    'RAM that the kernel may use, lowest first: /sys/kernel/debug/memblock/memory, System RAM of /proc/iomem, or memory nodes.',
  ),
  reserved: z
    .array(rangeField)
    .readonly()
    .describe(
      'The parts of it that are taken, such as kernel, initrd, firmware and crash regions: /sys/kernel/debug/memblock/reserved, /proc/iomem, or the device tree.',
    ),
  driverManaged: memory
    .exactOptional()
    .describe(
      'RAM that drivers have added, lowest first; no part of `memory`: `DRV_MNG` of memblock, System RAM (kmem) of /proc/iomem.',
    ),
  totalRam: addressField
    .exactOptional()
    .describe('RAM that the kernel gives out, in bytes: MemTotal of /proc/meminfo.'),
  crashRegion: z
    .strictObject({
      high: rangeField.describe('The region in which a crash kernel is loaded.'),
      low: rangeField.exactOptional().describe('The second region, below 4 GiB, if there are two.'),
    })
    .exactOptional()
    .describe('What `crashkernel=` reserved: Crash kernel of /proc/iomem.'),
  crashCma: z
    .array(rangeField)
    .min(1)
    .readonly()
    .exactOptional()
    .describe(
      "The CMA ranges that `crashkernel=SIZE,cma` reserved, in the kernel's order: /sys/kernel/kexec/crash_cma_ranges.",
    ),
  dmCryptKeys: z
    .strictObject({
      keys: z
        .array(
          z.strictObject({
            name: z.string().describe('The name of its folder there.'),
            description: optionalText(
              'The description of the logon key that the kernel asks for. Without one, every load of a crash kernel fails.',
            ),
          }),
        )
        .readonly()
        .describe('The keys that a crash kernel is given; none if nothing is handed over.'),
      reuse: z.boolean().describe('Whether a load takes the keys of the crash kernel that is loaded: reuse.'),
    })
    .exactOptional()
    .describe(
      'The keys of dm-crypt that kexec_file_load hands to a crash kernel: /sys/kernel/config/crash_dm_crypt_keys. The keys themselves are not recorded.',
    ),
  kernelImage: z
    .strictObject({
      code: rangeField.exactOptional().describe('Kernel code of /proc/iomem.'),
      data: rangeField.exactOptional().describe('Kernel data of /proc/iomem.'),
    })
    .exactOptional()
    .describe('Where the running kernel lies.'),
  commandLine: optionalText("The running kernel's command line: /proc/cmdline."),
  kexecSignature: z
    .enum(['none', 'checked', 'force'])
    .exactOptional()
    .describe(
      "What kexec_file_load requires of a kernel's signature: none; it is checked (CONFIG_KEXEC_SIG); or it must be valid (CONFIG_KEXEC_SIG_FORCE).",
    ),
  lockdown: z
    .enum(['none', 'integrity', 'confidentiality'])
    .exactOptional()
    .describe('What the kernel is locked down for: /sys/kernel/security/lockdown.'),
  kernel: kernel.exactOptional().describe('The running kernel.'),
  crash: crash
    .exactOptional()
    .describe('The addresses of the running kernel that a crash kernel gets; only root can read them.'),
  handover: handover
    .exactOptional()
    .describe('Kexec Handover, if it is on and its scratch areas could be read.'),
  cma: cma.exactOptional().describe('Memory of the contiguous memory allocator, if the kernel has it.'),
  systemVendor: optionalText("The vendor in the firmware's DMI tables: /sys/class/dmi/id/sys_vendor."),
  systemProduct: optionalText('The product there: /sys/class/dmi/id/product_name.'),
  firmware: z
    .strictObject({
      vendor: optionalText('Who made it: bios_vendor.'),
      version: optionalText('Its version, as the vendor writes it: bios_version.'),
    })
    .exactOptional()
    .describe('The firmware, by its DMI tables: /sys/class/dmi/id.'),
  bootFiles: z
    .array(z.string())
    .readonly()
    .exactOptional()
    .describe('The files of boot loaders that exist, such as /etc/default/grub.'),
  kdumpTools: kdumpTools.exactOptional().describe('The kdump tools that are installed.'),
  efiVariables: z
    .record(z.string(), bytesField)
    .exactOptional()
    .describe(
      'EFI variables by name, with the four bytes of their attributes first: /sys/firmware/efi/efivars. Those of trust (db, dbx, MokListRT, MokListXRT, MokListTrustedRT), of Secure Boot (SecureBoot, SetupMode), and of the boot loader (LoaderInfo, StubInfo).',
    ),
  efi: efi
    .exactOptional()
    .describe('What the kernel shows of UEFI, if it was booted by it: /sys/firmware/efi.'),
  acpi: acpi
    .exactOptional()
    .describe('What the ACPI tables say, if the kernel uses ACPI: /sys/firmware/acpi/tables.'),
  unknown: z
    .array(
      z.strictObject({
        fact: z.string().describe('The name of the collected file, such as `memblock-reserved`.'),
        reason: z.string().describe('Why it is unknown, and what to do.'),
      }),
    )
    .readonly()
    .exactOptional()
    .describe('The facts that could not be read.'),
} as const;

/**
 * The options of QEMU for a machine of an architecture, whose boards alone it may have.
 *
 * @param examples - a board, and a CPU model, for people
 */
export function buildQemuField(
  architecture: Machine['architecture'],
  examples: { readonly machine: string; readonly cpu: string },
) {
  return z
    .strictObject({
      machine: z
        .string()
        .regex(buildBoardPattern(architecture), describeBoardForm(architecture))
        .describe(`The value of \`-M\`: ${examples.machine}.`),
      cpu: z
        .string()
        .regex(QEMU_PATTERNS.cpu, QEMU_FORMS.cpu)
        .describe(`The value of \`-cpu\`: ${examples.cpu}.`),
      memory: z.string().regex(QEMU_PATTERNS.memory, QEMU_FORMS.memory).describe('The value of `-m`: `2G`.'),
      cpus: z.int().min(1).max(MAX_QEMU_CPUS, QEMU_FORMS.cpus).describe('The value of `-smp`.'),
    })
    .exactOptional()
    .describe("The options of QEMU for this machine, if it is one of QEMU's.");
}
