import type { KexecError } from '../base/error.js';

/** What a boot loader starts by one of its entries. Paths are absolute paths of this machine. */
export interface BootEntry {
  /** The kernel file; `FILE#NAME` for a profile of a UKI. */
  readonly kernel: string;
  /** In the order in which the kernel gets them. A UKI has its own. */
  readonly initrds: readonly string[];
  /** Undefined if it has none of its own; a UKI contains one. */
  readonly commandLine: string | undefined;
  /** The device tree that the entry names. The running one is used unless the user asks for this one. */
  readonly deviceTree?: string | undefined;
  /** Whether the kernel file is a UKI, which brings its command line and its initrd with it. */
  readonly isUki?: boolean;
  /** What kexec does in another way than the boot loader. */
  readonly notes?: readonly string[];
}

/** An entry in a boot loader's list. */
export interface ListedEntry {
  /** Its name: what `--boot-entry` takes. */
  readonly id: string;
  /** Other names that the boot loader accepts: with a suffix, by position. */
  readonly aliases: readonly string[];
  /** What the boot loader's menu shows. */
  readonly title?: string | undefined;
  /** Release or version of the kernel, if the entry has it. */
  readonly version?: string | undefined;
  /** The file or folder that has the entry. */
  readonly source: string;
  /** What it starts, or why that is unknown or cannot be loaded. */
  readonly starts: BootEntry | KexecError;
}

/** Which entry starts if nobody chooses another, and why that one. */
export interface DefaultEntry {
  readonly entry: ListedEntry;
  /** A clause: `default in /boot/loader/loader.conf`. */
  readonly reason: string;
}

/** What boots a machine. */
export type LoaderName =
  | 'systemd-boot'
  | 'boot loader specification'
  | 'GRUB'
  | 'extlinux'
  | 'Raspberry Pi firmware'
  | '/etc/kernel/cmdline'
  | 'links';

/** The entries of a boot loader, in its order. */
export interface BootMenu {
  readonly loader: LoaderName;
  readonly entries: readonly ListedEntry[];
  /** Or why the default entry is unknown. */
  readonly default: DefaultEntry | KexecError;
}

/** An entry that was chosen, by its name or as the default. */
export interface ChosenEntry extends BootEntry {
  readonly id: string;
  readonly title?: string | undefined;
  readonly source: string;
  readonly loader: LoaderName;
  /** Why this one: `default in /boot/loader/loader.conf`, `--boot-entry`. */
  readonly reason: string;
}
