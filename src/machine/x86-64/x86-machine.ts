import type { Range } from '../../base/range.js';
import type { MachineFacts } from '../machine-facts.js';

/** An entry of a firmware's memory map, in BIOS's form: kernel's `struct e820_entry`. */
export interface E820Entry {
  readonly range: Range;
  /** `E820_TYPE_RAM` is 1; formats/e820.ts names the others. */
  readonly type: number;
}

/** An entry of the EFI runtime map, `/sys/firmware/efi/runtime-map/N`: `efi_memory_desc_t`. */
export interface EfiRuntimeRegion {
  readonly type: number;
  readonly physical: bigint;
  /** Where the running kernel has mapped it, and the next one maps it again. */
  readonly virtual: bigint;
  /** Of 4 KiB. */
  readonly pages: bigint;
  readonly attribute: bigint;
}

/** What a kernel that was booted by UEFI hands on of it: `setup_efi_state()`. Addresses are physical. */
export interface EfiHandOver {
  /** `/sys/firmware/efi/fw_vendor`. */
  readonly firmwareVendor: bigint;
  /** `/sys/firmware/efi/config_table`. */
  readonly configTable: bigint;
  /** SMBIOS of `/sys/firmware/efi/systab`; left out if firmware has none, for which the kernel writes all ones. */
  readonly smbios?: bigint;
  /** ACPI20 there, else ACPI; left out if firmware has neither. */
  readonly rsdp?: bigint;
  /** In the kernel's order; empty if runtime services are disabled, or the kernel lacks CONFIG_EFI_RUNTIME_MAP. */
  readonly runtimeMap: readonly EfiRuntimeRegion[];
}

/** The running kernel's purgatory, which kexec_file_load(2) loads: a part of that kernel's image. */
export interface KernelPurgatory {
  /** Its relocatable ELF object, if the kernel's file was at hand. Its digest and entry follow from it. */
  readonly object?: Uint8Array;
  /** The bytes of its segment. */
  readonly bufsz: bigint;
  /** The memory of its segment, before it is rounded up to pages. */
  readonly memsz: bigint;
  /** In bytes. */
  readonly alignment: bigint;
}

/** The resources of `/proc/iomem`, beside RAM, that the memory map of a crash kernel has. */
export const FIRMWARE_RESOURCES = ['ACPI Tables', 'ACPI Non-volatile Storage', 'Reserved'] as const;

/** A firmware's resource of `/proc/iomem`. */
export interface FirmwareResource {
  readonly name: (typeof FIRMWARE_RESOURCES)[number];
  readonly range: Range;
}

/** In what the reset register of ACPI's FADT lies; in PCI configuration space, it is on bus 0. */
export const RESET_SPACES = ['memory', 'port', 'pci'] as const;

/** A register of which a write resets the machine: `RESET_REG` of the FADT (ACPI Specification 6.5, section 5.2.9). */
export interface X86ResetRegister {
  readonly space: (typeof RESET_SPACES)[number];
  /** A physical address, or a port. In PCI configuration space, `device << 32 | function << 16 | offset`. */
  readonly address: bigint;
  /** The byte that resets: `RESET_VALUE`. */
  readonly value: number;
}

/** The facts that only an x86_64 machine has. One that is not known is left out. */
export interface X86Facts {
  /**
   * The memory map that the next kernel gets, in the order in which it gets it: the kernel's `e820_table_kexec`, from
   * `/sys/firmware/memmap` without memory that was added later.
   */
  readonly e820?: readonly E820Entry[];
  /** The resources of `/proc/iomem` from which the memory map of a crash kernel is made, in the order of the file. */
  readonly resources?: readonly FirmwareResource[];
  /**
   * What memblock has free, lowest first, as debugfs shows it. Only a kernel that keeps memblock
   * (CONFIG_ARCH_KEEP_MEMBLOCK, which INTEL_TDX_HOST selects) shows it, and searches there instead of in `memory`.
   */
  readonly freeMemblock?: readonly Range[];
  /** The running kernel's `struct boot_params`, 4096 bytes: `/sys/kernel/boot_params/data`. */
  readonly bootParams?: Uint8Array;
  /** Left out if the machine was not booted by UEFI, too, which `bootParams` tells. */
  readonly efiHandOver?: EfiHandOver;
  /** Left out unless the running kernel's file was given when the machine was recorded. */
  readonly purgatory?: KernelPurgatory;
  /** Whether the running kernel uses page tables of five levels: VMCOREINFO, or `la57` of `/proc/cpuinfo`. */
  readonly fiveLevels?: boolean;
  /** Whether the CPUs have pages of 1 GiB: `pdpe1gb` of `/proc/cpuinfo`. */
  readonly gigabytePages?: boolean;
  /** Whether the machine is a guest of Intel's TDX: `tdx_guest` of `/proc/cpuinfo`. */
  readonly tdxGuest?: boolean;
  /** Left out if the machine has none, or its kernel uses no ACPI. */
  readonly resetRegister?: X86ResetRegister;
  /** The initial APIC ID of the CPU on which the kernel started: that of processor 0 in `/proc/cpuinfo`. */
  readonly bootApicId?: number;
  /** `/sys/kernel/crash_elfcorehdr_size`, in bytes; only a kernel with CRASH_HOTPLUG has it. */
  readonly crashElfcorehdrSize?: bigint;
}

/**
 * An x86_64 machine: the facts that every machine has, and its own. `memory` is System RAM of `/proc/iomem`, exact to the
 * byte; `reserved` what is nested in it. The kernel's search for places ignores `reserved`.
 */
export interface X86Machine extends MachineFacts {
  readonly architecture: 'x86_64';
  readonly pageSize: 4096;
  readonly x86: X86Facts;
}
