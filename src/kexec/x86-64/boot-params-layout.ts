import { BOOT_PARAMS_SIZE } from '../../formats/boot-params-fields.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import { measureEfiMap } from './efi-state.js';

/** `MAX_ELFCOREHDR_STR_LEN`: the room for `elfcorehdr=0x… ` in front of the command line, in every load. */
export const ELFCOREHDR_ROOM = 30;

/** `MAX_DMCRYPTKEYS_STR_LEN`: the room for `dmcryptkeys=0x… ` behind that, if a crash kernel is given keys. */
export const DM_CRYPT_KEYS_ROOM = 31;

/** `sizeof(struct setup_data)`. */
export const SETUP_DATA_HEADER = 16;

/** The sizes of the data of each node of the setup_data chain, in bytes. */
export const SETUP_DATA_SIZES = { efi: 96, ima: 16, handover: 32, seed: 32 } as const;

export type SetupDataName = keyof typeof SETUP_DATA_SIZES;

/** Where the parts of the block are, in bytes from its start. */
export interface BootParamsLayout {
  readonly efiMap: number;
  /** A node that the running kernel has no room for is undefined. Whether it is used is another question. */
  readonly nodes: Readonly<Partial<Record<SetupDataName, number>>>;
  readonly size: number;
}

/**
 * Lays the block of boot parameters out: kernel function `bzImage64_load()`.
 *
 * @param commandLineLength - with its NUL, and with the room for keys; 0 if there is none
 */
export function layOutBootParams(commandLineLength: number, machine: X86Machine): BootParamsLayout {
  const { config } = machine.kernel ?? {};
  const efiMap = align16(BOOT_PARAMS_SIZE + commandLineLength + ELFCOREHDR_ROOM);
  let end = efiMap + align16(measureEfiMap(machine));
  const has: Readonly<Record<SetupDataName, boolean>> = {
    // Every distribution has EFI; the others are rare.
    efi: isBuiltIn(config, 'EFI') ?? true,
    ima: isBuiltIn(config, 'IMA_KEXEC') ?? false,
    handover: isBuiltIn(config, 'KEXEC_HANDOVER') ?? false,
    seed: true,
  };
  const nodes: Partial<Record<SetupDataName, number>> = {};
  for (const name of ['efi', 'ima', 'handover', 'seed'] as const) {
    if (!has[name]) continue;
    nodes[name] = end;
    end += SETUP_DATA_HEADER + SETUP_DATA_SIZES[name];
  }
  return { efiMap, nodes, size: end };
}

function align16(length: number): number {
  return Math.ceil(length / 16) * 16;
}
