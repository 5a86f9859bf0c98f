import { refuse } from '../../base/error.js';
import { formatBytes, formatSize } from '../../base/sizes.js';
import { MIB } from '../../base/u64.js';
import { BOOT_PARAMS_AT } from '../../formats/boot-params-fields.js';
import { findRuntimeDisabling } from '../../machine/efi-runtime.js';
import type { EfiHandOver, X86Machine } from '../../machine/x86-64/x86-machine.js';
import { readRunningBootParams } from './running-boot-params.js';

/** The size of an entry of the EFI memory map, `efi_memory_desc_t` with 8 bytes of padding. */
export const EFI_DESCRIPTOR_SIZE = 48;

/** The largest map of a firmware that is believed: memory is allocated by the size in a machine file. In bytes. */
const MAX_EFI_MAP = MIB;

/** What a kernel that uses EFI runtime services hands on. */
export interface EfiState {
  /** The running kernel's own boot parameters. */
  readonly running: DataView;
  readonly handOver: EfiHandOver;
}

/**
 * Finds what is handed on of EFI: kernel function `setup_efi_state()`.
 *
 * @returns undefined if runtime services are off, or the running kernel was entered without a memory map of EFI: then the next
 *   kernel knows nothing of EFI, nor of Secure Boot
 */
export function findEfiState(machine: X86Machine): EfiState | undefined {
  const { efiHandOver } = machine.x86;
  if (efiHandOver === undefined || findRuntimeDisabling(machine) !== undefined) return undefined;
  const running = readRunningBootParams(machine);
  return running.getUint32(BOOT_PARAMS_AT.efiMapSize, true) === 0
    ? undefined
    : { running, handOver: efiHandOver };
}

/**
 * The room for a memory map of EFI, in bytes: kernel function `efi_get_runtime_map_size()`. A kernel without runtime services
 * still has the firmware's map instead of the one of these services: the room is for that, and stays empty.
 *
 * @throws KexecError `EINVAL`, check `machine-facts`, for a map of more than 1 MiB
 */
export function measureEfiMap(machine: X86Machine): number {
  if (findRuntimeDisabling(machine) !== undefined) {
    const size = readRunningBootParams(machine).getUint32(BOOT_PARAMS_AT.efiMapSize, true);
    if (BigInt(size) <= MAX_EFI_MAP) return size;
    const seen = `${machine.name}: by its boot parameters, EFI's memory map has ${formatBytes(size)}`;
    refuse('machine-facts', 'EINVAL', `${seen}; none has more than ${formatSize(MAX_EFI_MAP)}`);
  }
  return (machine.x86.efiHandOver?.runtimeMap.length ?? 0) * EFI_DESCRIPTOR_SIZE;
}
