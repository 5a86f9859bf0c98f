/**
 * What is collected of a machine: one table, which the live reader, the readers of folders and tars, and the collector
 * script go by.
 */
import type { Collected } from '../../machine/record.js';

/** Stands for the running kernel's release (`uname -r`) in a path. */
export const RELEASE = '%r';

/** No collected file, and no tar of them, is larger, packed or not: real ones have a few hundred KiB. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** No text that was collected is larger; the kernel's configuration, the longest, has 300 KiB. */
export const MAX_TEXT_BYTES = 2 * 1024 * 1024;

/** A file that may have it, and what to put before its bytes to make them the same as those of the other places. */
export interface Place {
  readonly path: string;
  readonly before?: readonly number[];
}

/** How a fact is read on a machine. */
export type Reading =
  /** The first of these files that is there. */
  | { readonly kind: 'file'; readonly places: readonly [Place, ...Place[]] }
  /** Of every cpuN in a folder, a line: `cpuN`, and what these files of it hold. */
  | { readonly kind: 'cpus'; readonly path: string; readonly files: readonly string[] }
  /** The lines of `/proc/kallsyms` that end in these names. */
  | { readonly kind: 'symbols'; readonly path: string; readonly names: readonly string[] }
  /** The text of the VMCOREINFO note of `/proc/kcore`; of that file nothing else is taken. */
  | { readonly kind: 'vmcoreinfo'; readonly path: string }
  /** A folder with all that is in it. */
  | { readonly kind: 'tree'; readonly path: string };

/** A file system that has to be mounted; nothing here mounts it. */
export interface Mount {
  readonly type: string;
  readonly path: string;
}

export interface Source {
  /** Of the file, or folder, that it is collected into. */
  readonly name: keyof Collected | 'device-tree';
  readonly form: 'text' | 'bytes';
  readonly from: Reading;
  /** What it is for. */
  readonly purpose: string;
  /** Why a kernel may not have it. Where it is left out, to find nothing is an answer, and not recorded as unknown. */
  readonly absent?: string;
  readonly mount?: Mount;
  /** Not collected if that file was, with this text in it: it tells the same, and better. */
  readonly unless?: { readonly file: keyof Collected; readonly has: string };
}

const DEBUGFS: Mount = { type: 'debugfs', path: '/sys/kernel/debug' };
const SECURITYFS: Mount = { type: 'securityfs', path: '/sys/kernel/security' };
const EFIVARFS: Mount = { type: 'efivarfs', path: '/sys/firmware/efi/efivars' };

/** EFI_IMAGE_SECURITY_DATABASE_GUID: UEFI Specification 2.10, section 32.6. */
const SECURITY_DATABASE = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';
/** SHIM_LOCK_GUID: shim's variables. */
const SHIM = '605dab50-e046-4300-abb6-3dd810dd8b23';

/** The attributes with which shim mirrors its lists at run time (boot service and run-time access), as efivarfs puts them. */
const RUNTIME_ATTRIBUTES = [6, 0, 0, 0];

const readsFile = (first: string, ...others: readonly string[]): Reading => ({
  kind: 'file',
  places: [{ path: first }, ...others.map((path) => ({ path }))],
});
const efivarPath = (name: string, guid: string): string => `${EFIVARFS.path}/${name}-${guid}`;

/** The kernel reads the whole list from shim's table first, and the variable only without it: `load_moklist_certs()`. */
const readsMokList = (name: string): Reading => ({
  kind: 'file',
  places: [
    { path: `/sys/firmware/efi/mok-variables/${name}`, before: RUNTIME_ATTRIBUTES },
    { path: efivarPath(name, SHIM) },
  ],
});

export const SOURCES: readonly Source[] = [
  {
    name: 'fdt',
    form: 'bytes',
    from: readsFile('/sys/firmware/fdt'),
    purpose: "the device tree that the kernel was booted with, which the next kernel's is made of",
    absent: 'the kernel shows it with CONFIG_OF_EARLY_FLATTREE and sysfs mounted on /sys',
  },
  {
    name: 'device-tree',
    form: 'bytes',
    from: { kind: 'tree', path: '/sys/firmware/devicetree/base' },
    purpose: 'the device tree as a folder, where fdt cannot be read',
    absent: 'the kernel shows it with CONFIG_OF and sysfs mounted on /sys',
    unless: { file: 'fdt', has: '' },
  },
  {
    name: 'iomem',
    form: 'text',
    from: readsFile('/proc/iomem'),
    purpose: 'RAM, what of it is taken, the crash regions, where the kernel lies',
    absent: 'procfs is to be mounted on /proc',
  },
  {
    name: 'memblock-memory',
    form: 'text',
    from: readsFile(`${DEBUGFS.path}/memblock/memory`),
    purpose: 'RAM as the kernel places segments in it',
    absent: 'the kernel shows it with CONFIG_DEBUG_FS',
    mount: DEBUGFS,
  },
  {
    name: 'memblock-reserved',
    form: 'text',
    from: readsFile(`${DEBUGFS.path}/memblock/reserved`),
    purpose: 'what the kernel places no segments in',
    absent: 'the kernel shows it with CONFIG_DEBUG_FS',
    mount: DEBUGFS,
  },
  {
    name: 'meminfo',
    form: 'text',
    from: readsFile('/proc/meminfo'),
    purpose: 'how much RAM there is: a load may take half of it',
    absent: 'procfs is to be mounted on /proc',
  },
  {
    name: 'cmdline',
    form: 'text',
    from: readsFile('/proc/cmdline'),
    purpose: "the running kernel's command line",
    absent: 'procfs is to be mounted on /proc',
  },
  {
    name: 'release',
    form: 'text',
    from: readsFile('/proc/sys/kernel/osrelease'),
    purpose: "the running kernel's release",
    absent: 'the kernel shows it with CONFIG_PROC_SYSCTL',
  },
  {
    name: 'config',
    form: 'text',
    from: readsFile(
      '/proc/config.gz',
      `/boot/config-${RELEASE}`,
      `/lib/modules/${RELEASE}/config`,
      `/lib/modules/${RELEASE}/build/.config`,
    ),
    purpose: 'what the running kernel can do, its page size, what it asks of signatures',
    absent: 'the kernel shows it with CONFIG_IKCONFIG_PROC, and distributions install it in /boot',
  },
  {
    name: 'cpuinfo',
    form: 'text',
    from: readsFile('/proc/cpuinfo'),
    purpose: 'the models of the CPUs, and so their translation granules',
    absent: 'procfs is to be mounted on /proc',
  },
  {
    name: 'cpu-possible',
    form: 'text',
    from: readsFile('/sys/devices/system/cpu/possible'),
    purpose: 'how many CPUs leave notes in a crash',
    absent: 'sysfs is to be mounted on /sys',
  },
  {
    name: 'vmcoreinfo',
    form: 'text',
    from: { kind: 'vmcoreinfo', path: '/proc/kcore' },
    purpose: "where the kernel's memory lies, page size, what dump tools need",
    absent: 'the kernel shows it with CONFIG_PROC_KCORE',
  },
  {
    name: 'vmcoreinfo-note',
    form: 'text',
    from: readsFile('/sys/kernel/vmcoreinfo'),
    purpose: 'where the VMCOREINFO note lies',
    absent: 'the kernel shows it with CONFIG_VMCORE_INFO (CONFIG_KEXEC before 6.9)',
  },
  {
    name: 'crash-notes',
    form: 'text',
    from: { kind: 'cpus', path: '/sys/devices/system/cpu', files: ['crash_notes', 'crash_notes_size'] },
    purpose: 'where each CPU leaves its notes in a crash',
    absent: 'the kernel shows it with CONFIG_CRASH_DUMP (CONFIG_KEXEC before 6.9)',
  },
  {
    name: 'kallsyms',
    form: 'text',
    from: { kind: 'symbols', path: '/proc/kallsyms', names: ['_text', '_end'] },
    purpose: 'where the kernel begins and ends, where vmcoreinfo does not tell (before 6.0)',
    absent: 'the kernel shows it with CONFIG_KALLSYMS',
    unless: { file: 'vmcoreinfo', has: 'NUMBER(MODULES_END)=' },
  },
  {
    name: 'lockdown',
    form: 'text',
    from: readsFile(`${SECURITYFS.path}/lockdown`),
    purpose: 'whether only signed kernels may be loaded',
    absent: 'the kernel shows it with CONFIG_SECURITY_LOCKDOWN_LSM and "lockdown" in CONFIG_LSM or lsm=',
    mount: SECURITYFS,
  },
  {
    name: 'kexec-load-disabled',
    form: 'text',
    from: readsFile('/proc/sys/kernel/kexec_load_disabled'),
    purpose: 'whether anything may be loaded until the next boot',
    absent: 'the kernel shows it with CONFIG_KEXEC or CONFIG_KEXEC_FILE',
  },
  {
    name: 'kexec-load-limit-reboot',
    form: 'text',
    from: readsFile('/proc/sys/kernel/kexec_load_limit_reboot'),
    purpose: 'how many loads are left, which kernels limit from 6.3 on',
  },
  {
    name: 'kexec-load-limit-panic',
    form: 'text',
    from: readsFile('/proc/sys/kernel/kexec_load_limit_panic'),
    purpose: 'how many loads of crash kernels are left, which kernels limit from 6.3 on',
  },
  {
    name: 'efivar-db',
    form: 'bytes',
    from: readsFile(efivarPath('db', SECURITY_DATABASE)),
    purpose: "the firmware's trusted certificates, the kernel's .platform keyring",
    mount: EFIVARFS,
  },
  {
    name: 'efivar-dbx',
    form: 'bytes',
    from: readsFile(efivarPath('dbx', SECURITY_DATABASE)),
    purpose: 'what the firmware has revoked',
    mount: EFIVARFS,
  },
  {
    name: 'efivar-MokListRT',
    form: 'bytes',
    from: readsMokList('MokListRT'),
    purpose: "the owner's trusted certificates",
    mount: EFIVARFS,
  },
  {
    name: 'efivar-MokListXRT',
    form: 'bytes',
    from: readsMokList('MokListXRT'),
    purpose: 'what the owner has revoked',
    mount: EFIVARFS,
  },
];

/** The first place where it is read, for people. */
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
    case 'tree':
      return from.path;
  }
}

/** The name under which a collector lists what it could not read: a line each, name, tab, reason. */
export const UNKNOWN_FILE = 'unknown';

/** The reason where the system says EACCES or EPERM. */
export const DENIED = 'permission denied: read it as root; a locked-down kernel may refuse root, too';

/** The reason where a file system is not mounted. */
export function describeUnmounted({ type, path }: Mount): string {
  return `${type} is not mounted: mount -t ${type} ${type} ${path}`;
}
