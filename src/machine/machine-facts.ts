import { type Range, subtractFromEach, totalSize } from '../base/range.js';
import type { AcpiFacts } from './acpi-facts.js';
import type { CmaFacts } from './cma-facts.js';
import type { DmCryptFacts } from './dm-crypt-keys.js';
import type { EfiFacts } from './efi-facts.js';
import type { HandoverFacts } from './handover-facts.js';
import type { KdumpTools } from './kdump-tools.js';
import type { Lockdown } from './lockdown.js';

/** The source of a machine's memory map, the most exact first. */
export type MemorySource = 'memblock' | 'iomem' | 'device-tree';

/** The region that `crashkernel=` reserved; `low` is the second, below 4 GiB, where there are two. */
export interface CrashRegion {
  readonly high: Range;
  readonly low?: Range;
}

/** The running kernel's image, as `/proc/iomem` lists it; a part that is not listed is left out. */
export interface KernelImage {
  /** "Kernel code". */
  readonly code?: Range;
  /** "Kernel data". */
  readonly data?: Range;
}

/** What the running kernel requires of a kernel's signature: CONFIG_KEXEC_SIG, CONFIG_KEXEC_SIG_FORCE. */
export type KexecSignature = 'none' | 'checked' | 'force';

/** The running kernel, as far as it is known. */
export interface KernelFacts {
  /** `uname -r`. */
  readonly release?: string;
  /** Options of its configuration that decide about kexec, without `CONFIG_`. An option that is not set is absent. */
  readonly config?: Readonly<Record<string, string>>;
  /** The values of VMCOREINFO by their names: `NUMBER(VA_BITS)`, `KERNELOFFSET`. */
  readonly vmcoreinfo?: Readonly<Record<string, string>>;
  /** `/proc/sys/kernel/kexec_load_disabled`: neither system call loads anything until the next boot. */
  readonly kexecLoadDisabled?: boolean;
  /** `/proc/sys/kernel/kexec_load_limit_reboot`: the number of loads that are left; -1 is no limit. */
  readonly kexecLoadLimitReboot?: number;
  /** `/proc/sys/kernel/kexec_load_limit_panic`. */
  readonly kexecLoadLimitPanic?: number;
  /** The active security modules, `/sys/kernel/security/lsm`: `lockdown`, `selinux`, `apparmor`, `ima`. */
  readonly securityModules?: readonly string[];
  /** `/sys/fs/selinux/enforce`: whether SELinux refuses what its policy does not allow. */
  readonly selinuxEnforcing?: boolean;
  /** The rules of IMA's policy, `/sys/kernel/security/ima/policy`: one on each line. */
  readonly imaPolicy?: string;
}

/** The facts about the running kernel in an ELF core header: where its notes are, and where it lies itself. */
export interface CrashFacts {
  /** `crash_notes` of each possible CPU: `/sys/devices/system/cpu/cpuN/crash_notes`. */
  readonly notes: readonly Range[];
  /** The VMCOREINFO note: `/sys/kernel/vmcoreinfo`. */
  readonly vmcoreinfo: Range;
  /** `_text` to `_end`: the kernel's physical range, and the virtual address of its first byte. */
  readonly text: Range & { readonly virtual: bigint };
  /** The linear map: the physical address `physical` is mapped at `virtual`. */
  readonly linearMap: { readonly physical: bigint; readonly virtual: bigint };
}

/** A fact that could not be read, and why. */
export interface UnknownFact {
  /** The name of the collected file: `memblock-reserved`. */
  readonly fact: string;
  readonly reason: string;
}

/**
 * The QEMU options for this machine. The device tree of an arm64 machine comes from them, and `boot` starts it with them;
 * the memory map of a PC is what SeaBIOS makes of them.
 */
export interface QemuOptions {
  /** The value of `-M`: `virt`, `virt,virtualization=on`, `q35`. */
  readonly machine: string;
  readonly cpu: string;
  /** The value of `-m`. */
  readonly memory: string;
  readonly cpus: number;
}

/**
 * The facts that a machine of any architecture has: a plain value, recorded once and planned against anywhere.
 * Addresses are physical, sizes are in bytes. A fact that is not known is left out; checks that need it are skipped.
 */
export interface MachineFacts {
  /** The kernel's name for the architecture: `arm64`. */
  readonly architecture: string;
  /** The name that people give the machine. */
  readonly name: string;
  readonly memorySource: MemorySource;
  /** RAM that the kernel may use, lowest first: memblock's `memory`, or System RAM of iomem. */
  readonly memory: readonly Range[];
  /** The parts of it that are taken: the running kernel, its device tree and initrd, firmware, the crash regions. */
  readonly reserved: readonly Range[];
  /**
   * RAM that drivers have added and manage (dax/kmem, virtio-mem), lowest first: memblock's `DRV_MNG`, "System RAM
   * (kmem)" of iomem. It is no part of `memory`: the kernel dumps it after a crash, and places no segments in it.
   */
  readonly driverManaged?: readonly Range[];
  /** RAM that the kernel gives out, in bytes: its `totalram_pages()`, MemTotal of `/proc/meminfo`. */
  readonly totalRam?: bigint;
  readonly crashRegion?: CrashRegion;
  /**
   * CMA ranges that `crashkernel=…,cma` reserved, in the kernel's order: the running kernel lends them to movable pages,
   * and a capture kernel has them as RAM beside its regions. No segment lies there.
   */
  readonly crashCma?: readonly Range[];
  /** Keys of dm-crypt for a crash kernel; left out if the kernel hands over none, or this was not recorded. */
  readonly dmCryptKeys?: DmCryptFacts;
  readonly kernelImage?: KernelImage;
  /** The running kernel's command line. */
  readonly commandLine?: string;
  /** The running kernel's page size in bytes: segments begin and end on its pages. */
  readonly pageSize: number;
  /** The number of CPUs that there may ever be: the crash kernel gets notes for each. */
  readonly possibleCpus?: number;
  readonly kexecSignature?: KexecSignature;
  readonly lockdown?: Lockdown;
  readonly kernel?: KernelFacts;
  readonly crash?: CrashFacts;
  /** Kexec Handover; left out if it is off, or its scratch areas are unknown. */
  readonly handover?: HandoverFacts;
  /** CMA memory; left out if the kernel has no CMA, or this was not recorded. */
  readonly cma?: CmaFacts;
  /** The vendor in the firmware's DMI tables, `/sys/class/dmi/id/sys_vendor`: `Amazon EC2`. */
  readonly systemVendor?: string;
  /** The product there, `product_name`: `Mt.Jade`. */
  readonly systemProduct?: string;
  /** The firmware there, `bios_vendor` and `bios_version`. */
  readonly firmware?: { readonly vendor?: string; readonly version?: string };
  /** The files of boot loaders that the machine has: `/etc/default/grub`, `/boot/firmware/cmdline.txt`. */
  readonly bootFiles?: readonly string[];
  /** The kdump tools that are installed. */
  readonly kdumpTools?: KdumpTools;
  /**
   * EFI variables by name, as efivarfs gives them. Trust: `db`, `dbx`, `MokListRT`, `MokListXRT`, `MokListTrustedRT`.
   * Secure Boot: `SecureBoot`, `SetupMode`. Boot loader: `LoaderInfo`, `StubInfo`.
   */
  readonly efiVariables?: Readonly<Record<string, Uint8Array>>;
  /** What the kernel shows of UEFI; left out if it was not booted by UEFI, or this was not recorded. */
  readonly efi?: EfiFacts;
  /** What the ACPI tables say; left out if the kernel does not use ACPI, or this was not recorded. */
  readonly acpi?: AcpiFacts;
  /** The facts that could not be read when the machine was recorded. */
  readonly unknown?: readonly UnknownFact[];
  readonly qemu?: QemuOptions;
}

/**
 * RAM that is not reserved, lowest first: the ranges that the kernel's walk over free memblock ranges visits.
 *
 * Regions of `memory` that touch (those of two NUMA nodes) are not joined, as `for_each_free_mem_range()` does not
 * join them: no segment spans two.
 */
export function findFreeRanges(machine: MachineFacts): Range[] {
  return subtractFromEach(machine.memory, machine.reserved);
}

/** All RAM that the running kernel uses, lowest first, with what drivers manage. Ranges that touch are not joined. */
export function listRam({ memory, driverManaged = [] }: MachineFacts): readonly Range[] {
  if (driverManaged.length === 0) return memory;
  return [...memory, ...driverManaged].sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** RAM that the kernel gives out, in bytes; if that was not recorded, the RAM that is not reserved. */
export function measureUsableRam(machine: MachineFacts): bigint {
  return machine.totalRam ?? totalSize(findFreeRanges(machine));
}
