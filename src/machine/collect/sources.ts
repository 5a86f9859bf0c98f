/**
 * The table of all facts that are collected on a machine. The live reader, the readers of folders and tars, and the
 * collector script use it.
 */
import { ACPI_FOLDER, ACPI_TABLES } from '../acpi-facts.js';
import { BOOT_FILES } from '../boot-files.js';
import { EFI_DEVICES } from '../efi-facts.js';
import {
  KDUMP_SETTING_NAMES,
  KDUMP_UNIT_LINKS,
  MAKEDUMPFILE_MARK,
  MAKEDUMPFILE_PATHS,
} from '../kdump-tools.js';
import { buildFileReading, type Mount, RELEASE, type Reading, type Source } from './source.js';
import { X86_SOURCES } from './x86-sources.js';

/** The limit for a collected file and for a tar, packed and unpacked. Real ones have a few hundred KiB. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** The most files of a machine. The copy of a device tree has one for each property: up to 10000 on real boards. */
export const MAX_ENTRIES = 65536;

/**
 * The limit for a collected device tree or EFI variable that is compressed. A kernel reads device trees of up to 2 MiB.
 */
export const MAX_BINARY_BYTES = 4 * 1024 * 1024;

/** The limit for other collected texts. The longest, the kernel's configuration, has 300 KiB. */
export const MAX_TEXT_BYTES = 2 * 1024 * 1024;

/**
 * The limit for /proc/cpuinfo, which lists each CPU by itself: 8192, the most that Linux for x86_64 is built for
 * (NR_CPUS with MAXSMP), with up to 3 KiB of flags and names each.
 */
const MAX_CPUINFO_BYTES = 8192 * 3 * 1024;

/** Of a larger program, no version is searched. makedumpfile has some 300 KiB, kexec-file's executable over 100 MiB. */
export const MAX_PROGRAM_BYTES = 16 * 1024 * 1024;

const DEBUGFS: Mount = { type: 'debugfs', path: '/sys/kernel/debug' };
const CONFIGFS: Mount = { type: 'configfs', path: '/sys/kernel/config' };
const SECURITYFS: Mount = { type: 'securityfs', path: '/sys/kernel/security' };
const EFIVARFS: Mount = { type: 'efivarfs', path: '/sys/firmware/efi/efivars' };

/** EFI_IMAGE_SECURITY_DATABASE_GUID: UEFI Specification 2.10, section 32.6. */
const SECURITY_DATABASE = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';
/** SHIM_LOCK_GUID: shim's variables. */
const SHIM = '605dab50-e046-4300-abb6-3dd810dd8b23';

/** EFI_GLOBAL_VARIABLE: UEFI Specification 2.10, section 3.3. */
const GLOBAL_VARIABLE = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
/** The variables of systemd's Boot Loader Interface, which systemd-boot, systemd's stub and GRUB set. */
const BOOT_LOADER_INTERFACE = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';

/** The attributes of shim's run-time variables (boot service and run-time access), as efivarfs prefixes them. */
const RUNTIME_ATTRIBUTES = [6, 0, 0, 0];

/** All facts, in the order in which they are collected. */
export const SOURCES: readonly Source[] = [
  {
    name: 'fdt',
    form: 'bytes',
    from: buildFileReading('/sys/firmware/fdt'),
    purpose: "the running kernel's device tree, from which the next kernel's is built",
    absent: 'the kernel needs CONFIG_OF_EARLY_FLATTREE, and sysfs must be mounted on /sys',
  },
  {
    name: 'device-tree',
    form: 'bytes',
    from: { kind: 'tree', path: '/sys/firmware/devicetree/base' },
    purpose: 'the device tree as a folder, if fdt cannot be read',
    absent: 'the kernel needs CONFIG_OF, and sysfs must be mounted on /sys',
    unless: { file: 'fdt', has: [''] },
  },
  {
    name: 'iomem',
    form: 'text',
    from: buildFileReading('/proc/iomem'),
    purpose: 'RAM, reserved memory, the crash regions, the addresses of the kernel',
    absent: 'procfs must be mounted on /proc',
  },
  {
    name: 'memblock-memory',
    form: 'text',
    from: buildFileReading(`${DEBUGFS.path}/memblock/memory`),
    purpose: 'the RAM in which the kernel places segments',
    absent: 'the kernel needs CONFIG_DEBUG_FS',
    mount: DEBUGFS,
  },
  {
    name: 'memblock-reserved',
    form: 'text',
    from: buildFileReading(`${DEBUGFS.path}/memblock/reserved`),
    purpose: 'the memory in which the kernel places no segments',
    absent: 'the kernel needs CONFIG_DEBUG_FS',
    mount: DEBUGFS,
  },
  {
    name: 'kho-scratch-phys',
    form: 'text',
    from: buildFileReading(`${DEBUGFS.path}/kho/out/scratch_phys`),
    purpose:
      'the addresses of the scratch areas, in which the kernel places segments if Kexec Handover is on',
  },
  {
    name: 'kho-scratch-len',
    form: 'text',
    from: buildFileReading(`${DEBUGFS.path}/kho/out/scratch_len`),
    purpose: 'the sizes of these areas',
  },
  {
    name: 'crash-cma-ranges',
    form: 'text',
    from: buildFileReading('/sys/kernel/kexec/crash_cma_ranges', '/sys/kernel/kexec_crash_cma_ranges'),
    purpose: 'the CMA ranges that a crash kernel may use (crashkernel=SIZE,cma)',
  },
  {
    name: 'dm-crypt-keys',
    form: 'text',
    from: { kind: 'named-folders', path: `${CONFIGFS.path}/crash_dm_crypt_keys`, file: 'description' },
    purpose: 'the names of the dm-crypt keys that a crash kernel is given',
    mount: CONFIGFS,
  },
  {
    name: 'dm-crypt-reuse',
    form: 'text',
    from: buildFileReading(`${CONFIGFS.path}/crash_dm_crypt_keys/reuse`),
    purpose: 'whether a load of a crash kernel takes the keys of the one before',
  },
  {
    name: 'meminfo',
    form: 'text',
    from: buildFileReading('/proc/meminfo'),
    purpose: 'the size of RAM: a load may take half of it',
    absent: 'procfs must be mounted on /proc',
  },
  {
    name: 'cmdline',
    form: 'text',
    from: buildFileReading('/proc/cmdline'),
    purpose: "the running kernel's command line",
    absent: 'procfs must be mounted on /proc',
  },
  {
    name: 'release',
    form: 'text',
    from: buildFileReading('/proc/sys/kernel/osrelease'),
    purpose: "the running kernel's release",
    absent: 'the kernel needs CONFIG_PROC_SYSCTL',
  },
  {
    name: 'arch',
    form: 'text',
    from: buildFileReading('/proc/sys/kernel/arch'),
    purpose: 'the architecture (from 6.1 on)',
  },
  {
    name: 'config',
    form: 'text',
    from: buildFileReading(
      '/proc/config.gz',
      `/boot/config-${RELEASE}`,
      `/lib/modules/${RELEASE}/config`,
      `/lib/modules/${RELEASE}/build/.config`,
    ),
    purpose: "the running kernel's features, page size and policy on signatures",
    absent: 'the kernel needs CONFIG_IKCONFIG_PROC, or the distribution installs it in /boot',
  },
  {
    name: 'cpuinfo',
    form: 'text',
    from: buildFileReading('/proc/cpuinfo'),
    maxBytes: MAX_CPUINFO_BYTES,
    purpose: 'the models of the CPUs, which decide their page sizes',
    absent: 'procfs must be mounted on /proc',
  },
  {
    name: 'cpu-possible',
    form: 'text',
    from: buildFileReading('/sys/devices/system/cpu/possible'),
    purpose: 'the number of CPUs that write notes in a crash',
    absent: 'sysfs must be mounted on /sys',
  },
  {
    name: 'vmcoreinfo',
    form: 'text',
    from: { kind: 'vmcoreinfo', path: '/proc/kcore' },
    purpose: "the kernel's addresses, page size, facts for dump tools",
    absent: 'the kernel needs CONFIG_PROC_KCORE',
  },
  {
    name: 'vmcoreinfo-note',
    form: 'text',
    from: buildFileReading('/sys/kernel/vmcoreinfo'),
    purpose: 'the address of the VMCOREINFO note',
    absent: 'the kernel needs CONFIG_VMCORE_INFO (CONFIG_KEXEC before 6.9)',
  },
  {
    name: 'crash-notes',
    form: 'text',
    from: {
      kind: 'folders',
      path: '/sys/devices/system/cpu',
      prefix: 'cpu',
      files: ['crash_notes', 'crash_notes_size'],
    },
    purpose: 'the address of the notes of each CPU in a crash',
    absent: 'the kernel needs CONFIG_CRASH_DUMP (CONFIG_KEXEC before 6.9)',
  },
  {
    name: 'kallsyms',
    form: 'text',
    from: {
      kind: 'lines',
      path: '/proc/kallsyms',
      pattern: '^[0-9a-f]+ [A-Za-z] (_text|_end)$',
      what: 'the lines of _text and _end',
    },
    purpose: 'the addresses of the kernel, if vmcoreinfo lacks them (before 6.0)',
    absent: 'the kernel needs CONFIG_KALLSYMS',
    // The second is x86_64's, which has the headers of kcore.
    unless: { file: 'vmcoreinfo', has: ['NUMBER(MODULES_END)=', 'NUMBER(phys_base)='] },
  },
  {
    name: 'lockdown',
    form: 'text',
    from: buildFileReading(`${SECURITYFS.path}/lockdown`),
    purpose: 'whether only signed kernels may be loaded',
    absent: 'the kernel needs CONFIG_SECURITY_LOCKDOWN_LSM, and "lockdown" in CONFIG_LSM or lsm=',
    mount: SECURITYFS,
  },
  {
    name: 'kexec-load-disabled',
    form: 'text',
    from: buildFileReading('/proc/sys/kernel/kexec_load_disabled'),
    purpose: 'whether loading is disabled until the next boot',
    absent: 'the kernel needs CONFIG_KEXEC or CONFIG_KEXEC_FILE',
  },
  {
    name: 'kexec-load-limit-reboot',
    form: 'text',
    from: buildFileReading('/proc/sys/kernel/kexec_load_limit_reboot'),
    purpose: 'the number of loads that are left (from 6.3 on)',
  },
  {
    name: 'kexec-load-limit-panic',
    form: 'text',
    from: buildFileReading('/proc/sys/kernel/kexec_load_limit_panic'),
    purpose: 'the number of loads of crash kernels that are left (from 6.3 on)',
  },
  {
    name: 'security-modules',
    form: 'text',
    from: buildFileReading(`${SECURITYFS.path}/lsm`),
    purpose: 'which security modules may refuse a load',
  },
  {
    name: 'selinux-enforce',
    form: 'text',
    from: buildFileReading('/sys/fs/selinux/enforce'),
    purpose: 'whether SELinux refuses what its policy does not allow',
  },
  {
    name: 'ima-policy',
    form: 'text',
    from: buildFileReading(`${SECURITYFS.path}/ima/policy`),
    purpose: 'whether IMA appraises kernels (readable with CONFIG_IMA_READ_POLICY)',
    isMostlyDenied: true,
  },
  {
    name: 'dmi-sys-vendor',
    form: 'text',
    from: buildFileReading('/sys/class/dmi/id/sys_vendor'),
    purpose: 'the vendor: some machines need another command line for a crash kernel',
  },
  {
    name: 'dmi-product-name',
    form: 'text',
    from: buildFileReading('/sys/class/dmi/id/product_name'),
    purpose: 'the name of the machine',
  },
  {
    name: 'dmi-bios-vendor',
    form: 'text',
    from: buildFileReading('/sys/class/dmi/id/bios_vendor'),
    purpose: 'the vendor of the firmware',
  },
  {
    name: 'dmi-bios-version',
    form: 'text',
    from: buildFileReading('/sys/class/dmi/id/bios_version'),
    purpose: 'the version of the firmware',
  },
  {
    name: 'efi-platform-size',
    form: 'text',
    from: buildFileReading('/sys/firmware/efi/fw_platform_size'),
    purpose: 'whether the machine was booted by UEFI',
  },
  {
    name: 'efi-systab',
    form: 'text',
    from: buildFileReading('/sys/firmware/efi/systab'),
    purpose: "the firmware's tables: ACPI, SMBIOS",
  },
  {
    name: 'efi-devices',
    form: 'text',
    from: { kind: 'paths', paths: EFI_DEVICES.map(({ path }) => path) },
    purpose: 'whether EFI runtime services are in use',
  },
  {
    name: 'acpi-tables',
    form: 'text',
    from: { kind: 'paths', paths: ACPI_TABLES.map((table) => `${ACPI_FOLDER}/${table}`) },
    purpose: 'whether the kernel uses ACPI',
  },
  {
    name: 'acpi-FACP',
    form: 'bytes',
    from: buildFileReading(`${ACPI_FOLDER}/FACP`),
    purpose: 'how CPUs are started, and a machine is reset: PSCI',
  },
  {
    name: 'acpi-APIC',
    form: 'bytes',
    from: buildFileReading(`${ACPI_FOLDER}/APIC`),
    purpose: 'CPUs that are started without PSCI; the interrupt controller',
  },
  {
    name: 'acpi-SPCR',
    form: 'bytes',
    from: buildFileReading(`${ACPI_FOLDER}/SPCR`),
    purpose: 'the UART of the console',
  },
  {
    name: 'acpi-DBG2',
    form: 'bytes',
    from: buildFileReading(`${ACPI_FOLDER}/DBG2`),
    purpose: 'the UARTs for debuggers',
  },
  {
    name: 'acpi-GTDT',
    form: 'bytes',
    from: buildFileReading(`${ACPI_FOLDER}/GTDT`),
    purpose: 'watchdogs',
  },
  {
    name: 'boot-files',
    form: 'text',
    from: { kind: 'paths', paths: BOOT_FILES },
    purpose: 'the boot loader, in whose settings the command line is changed',
  },
  {
    name: 'makedumpfile',
    form: 'text',
    from: { kind: 'program', paths: MAKEDUMPFILE_PATHS, mark: MAKEDUMPFILE_MARK },
    purpose: 'whether the program that saves dumps supports the kernel',
  },
  {
    name: 'kdump-units',
    form: 'text',
    from: { kind: 'paths', paths: KDUMP_UNIT_LINKS },
    purpose: 'the services that load a crash kernel at boot',
  },
  {
    name: 'kdump-tools',
    form: 'text',
    from: buildSettingsReading('/etc/default/kdump-tools', '^ *(export +)?', 'kdumpToolsSettings', '='),
    purpose: 'how kdump-tools saves a dump, and where',
  },
  {
    name: 'kdump-conf',
    form: 'text',
    from: buildSettingsReading('/etc/kdump.conf', '^ *', 'kdumpConf', ' '),
    purpose: 'how kdump-utils saves a dump, and where',
  },
  {
    name: 'kdump-sysconfig',
    form: 'text',
    from: buildSettingsReading('/etc/sysconfig/kdump', '^ *(export +)?', 'kdumpSysconfig', '='),
    purpose: "the capture kernel's parameters, by kdump-utils",
  },
  {
    name: 'efivar-SecureBoot',
    form: 'bytes',
    from: buildFileReading(buildEfivarPath('SecureBoot', GLOBAL_VARIABLE)),
    purpose: 'whether Secure Boot is on: then IMA may require signatures',
    mount: EFIVARFS,
  },
  {
    name: 'efivar-SetupMode',
    form: 'bytes',
    from: buildFileReading(buildEfivarPath('SetupMode', GLOBAL_VARIABLE)),
    purpose: 'whether the firmware accepts any keys: then Secure Boot is off',
  },
  {
    name: 'efivar-LoaderInfo',
    form: 'bytes',
    from: buildFileReading(buildEfivarPath('LoaderInfo', BOOT_LOADER_INTERFACE)),
    purpose: 'the name of the boot loader',
  },
  {
    name: 'efivar-StubInfo',
    form: 'bytes',
    from: buildFileReading(buildEfivarPath('StubInfo', BOOT_LOADER_INTERFACE)),
    purpose: 'whether the running kernel came in a UKI',
  },
  {
    name: 'efivar-db',
    form: 'bytes',
    from: buildFileReading(buildEfivarPath('db', SECURITY_DATABASE)),
    purpose: "the firmware's trusted certificates: the kernel's .platform keyring",
    mount: EFIVARFS,
  },
  {
    name: 'efivar-dbx',
    form: 'bytes',
    from: buildFileReading(buildEfivarPath('dbx', SECURITY_DATABASE)),
    purpose: 'the certificates and digests that the firmware revokes',
    mount: EFIVARFS,
  },
  {
    name: 'efivar-MokListRT',
    form: 'bytes',
    from: buildMokListReading('MokListRT'),
    purpose: "the owner's trusted certificates",
    mount: EFIVARFS,
  },
  {
    name: 'efivar-MokListXRT',
    form: 'bytes',
    from: buildMokListReading('MokListXRT'),
    purpose: 'the certificates and digests that the owner revokes',
    mount: EFIVARFS,
  },
  {
    name: 'efivar-MokListTrustedRT',
    form: 'bytes',
    from: buildMokListReading('MokListTrustedRT'),
    purpose: "whether the owner's certificates become the kernel's .machine keyring",
  },
  ...X86_SOURCES,
];

/** Reads the lines with settings that are recorded: other lines may have secrets. */
function buildSettingsReading(
  path: string,
  before: string,
  file: keyof typeof KDUMP_SETTING_NAMES,
  after: string,
): Reading {
  const names = KDUMP_SETTING_NAMES[file];
  return {
    kind: 'lines',
    path,
    pattern: `${before}(${names.join('|')})${after}.*$`,
    what: `the lines of ${names.slice(0, 2).join(', ')}${names.length > 2 ? ', …' : ''}`,
  };
}

/**
 * The kernel reads shim's table first, which has the whole list, and otherwise the variable: `load_moklist_certs()`.
 */
function buildMokListReading(name: string): Reading {
  return {
    kind: 'file',
    places: [
      { path: `/sys/firmware/efi/mok-variables/${name}`, before: RUNTIME_ATTRIBUTES },
      { path: buildEfivarPath(name, SHIM) },
    ],
  };
}

function buildEfivarPath(name: string, guid: string): string {
  return `${EFIVARFS.path}/${name}-${guid}`;
}

/** The collected file that lists the facts that could not be read, one a line: name, tab, reason. */
export const UNKNOWN_FILE = 'unknown';

/** The reason for EACCES and EPERM. */
export const DENIED = 'permission denied: read it as root; a locked-down kernel may refuse root, too';

/** The reason for a missing file. The `absent` text of the source follows. */
export const NOT_FOUND = 'not found';

/** The reason for a core file without the note. The path comes before it. */
export const NO_VMCOREINFO = 'has no note VMCOREINFO; the kernel needs CONFIG_VMCORE_INFO for it';

/** The reason for a file system that is not mounted. */
export function describeUnmounted({ type, path }: Mount): string {
  return `${type} is not mounted: mount -t ${type} ${type} ${path}`;
}
