/**
 * The table of all facts that are collected on a machine. The live reader, the readers of folders and tars, and the
 * collector script use it.
 */
import { BOOT_FILES } from '../../machine/boot-files.js';
import type { Collected } from '../../machine/record.js';

/** A placeholder in paths for the running kernel's release (`uname -r`). */
export const RELEASE = '%r';

/** The limit for a collected file and for a tar, packed and unpacked. Real ones have a few hundred KiB. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** The most files of a machine. The copy of a device tree has one for each property: up to 10000 on real boards. */
export const MAX_ENTRIES = 65536;

/**
 * The limit for a collected device tree or EFI variable that is compressed. A kernel reads device trees of up to 2 MiB.
 */
export const MAX_BINARY_BYTES = 4 * 1024 * 1024;

/** The limit for a collected text. The longest, the kernel's configuration, has 300 KiB. */
export const MAX_TEXT_BYTES = 2 * 1024 * 1024;

/** A file that may contain a fact. `before` is put before its bytes, so that all files of a fact have one format. */
export interface Place {
  readonly path: string;
  readonly before?: readonly number[];
}

/** How a fact is read. */
export type Reading =
  /** The first of these files that exists. */
  | { readonly kind: 'file'; readonly places: readonly [Place, ...Place[]] }
  /** One line for each folder cpuN: `cpuN`, and the contents of these files in it. */
  | { readonly kind: 'cpus'; readonly path: string; readonly files: readonly string[] }
  /** The lines of `/proc/kallsyms` that end in these names. */
  | { readonly kind: 'symbols'; readonly path: string; readonly names: readonly string[] }
  /** The text of the VMCOREINFO note in `/proc/kcore`. Nothing else of that file is read. */
  | { readonly kind: 'vmcoreinfo'; readonly path: string }
  /** Those of these paths that exist, one on each line. */
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  /** A folder with all files in it. */
  | { readonly kind: 'tree'; readonly path: string };

/** A file system that must be mounted. The collectors mount nothing. */
interface Mount {
  readonly type: string;
  readonly path: string;
}

/** A fact, and where it is read. */
export interface Source {
  /** The name of the collected file or folder. */
  readonly name: keyof Collected | 'device-tree';
  readonly form: 'text' | 'bytes';
  readonly from: Reading;
  /** What the fact is needed for. */
  readonly purpose: string;
  /** What the kernel needs to have the fact. Without this text, a missing file is not recorded as unknown. */
  readonly absent?: string;
  readonly mount?: Mount;
  /** Whether most kernels let nobody read it, not even root. A denied read is then not recorded as unknown. */
  readonly isMostlyDenied?: true;
  /** The fact is skipped if this file was collected and contains this text: the file is a better source. */
  readonly unless?: { readonly file: keyof Collected; readonly has: string };
}

const DEBUGFS: Mount = { type: 'debugfs', path: '/sys/kernel/debug' };
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
    unless: { file: 'fdt', has: '' },
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
    from: { kind: 'cpus', path: '/sys/devices/system/cpu', files: ['crash_notes', 'crash_notes_size'] },
    purpose: 'the address of the notes of each CPU in a crash',
    absent: 'the kernel needs CONFIG_CRASH_DUMP (CONFIG_KEXEC before 6.9)',
  },
  {
    name: 'kallsyms',
    form: 'text',
    from: { kind: 'symbols', path: '/proc/kallsyms', names: ['_text', '_end'] },
    purpose: 'the addresses of the kernel, if vmcoreinfo lacks them (before 6.0)',
    absent: 'the kernel needs CONFIG_KALLSYMS',
    unless: { file: 'vmcoreinfo', has: 'NUMBER(MODULES_END)=' },
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
    name: 'boot-files',
    form: 'text',
    from: { kind: 'paths', paths: BOOT_FILES },
    purpose: 'the boot loader, in whose settings the command line is changed',
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
];

function buildFileReading(first: string, ...others: readonly string[]): Reading {
  return { kind: 'file', places: [{ path: first }, ...others.map((path) => ({ path }))] };
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

/** Describes the first place of a fact, for people. */
export function describePlace(from: Reading): string {
  switch (from.kind) {
    case 'file':
      return from.places[0].path;
    case 'cpus':
      return `a line "cpuN ${from.files.join(' ').toUpperCase()}" for each CPU in ${from.path}`;
    case 'symbols':
      return `the lines of ${from.names.join(' and ')} in ${from.path}`;
    case 'vmcoreinfo':
      return `the text of the note VMCOREINFO in ${from.path}`;
    case 'paths':
      return `those of these paths that exist: ${from.paths.slice(0, 2).join(', ')}, …`;
    case 'tree':
      return from.path;
  }
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
