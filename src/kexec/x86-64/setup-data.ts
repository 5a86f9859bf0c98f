import type { Range } from '../../base/range.js';
import { U64_LIMIT } from '../../base/u64.js';
import { BOOT_PARAMS_AT } from '../../formats/boot-params-fields.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import {
  type BootParamsLayout,
  SETUP_DATA_HEADER,
  SETUP_DATA_SIZES,
  type SetupDataName,
} from './boot-params-layout.js';
import { findEfiState } from './efi-state.js';

/** `SETUP_…` of arch/x86/include/uapi/asm/setup_data.h. */
const TYPES: Readonly<Record<SetupDataName, number>> = { efi: 4, ima: 8, handover: 10, seed: 9 };

const PAGE_SIZE = 4096n;

/** `EFI_INVALID_TABLE_ADDR`. */
const NO_TABLE = U64_LIMIT - 1n;

/** What the nodes contain. */
export interface SetupDataFacts {
  readonly machine: X86Machine;
  /** Whether what UEFI left is handed over. */
  readonly handsEfiOver: boolean;
  /** The physical address of the block. */
  readonly address: bigint;
  /** 32 random bytes; undefined as long as the running kernel's RNG is not initialised. */
  readonly seed: Uint8Array | undefined;
  /** What Kexec Handover hands on: its device tree, and the list of scratch areas. */
  readonly handover: { readonly fdt: bigint; readonly list: Range } | undefined;
}

/**
 * Writes the nodes of the setup_data chain and links them, each in front of the ones before: kernel functions
 * `prepare_add_efi_setup_data()`, `setup_kho()` and `setup_rng_seed()`. The running kernel's own chain is not carried on.
 *
 * @param block - with the setup header, whose `setup_data` is the end of the chain
 */
export function writeSetupData(block: Uint8Array, facts: SetupDataFacts, { nodes }: BootParamsLayout): void {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const contents = listContents(facts);
  for (const name of ['efi', 'ima', 'handover', 'seed'] as const) {
    const [at, data] = [nodes[name], contents[name]];
    if (at === undefined || data === undefined) continue;
    view.setBigUint64(at, view.getBigUint64(BOOT_PARAMS_AT.setupData, true), true);
    view.setUint32(at + 8, TYPES[name], true);
    view.setUint32(at + 12, SETUP_DATA_SIZES[name], true);
    block.set(data, at + SETUP_DATA_HEADER);
    view.setBigUint64(BOOT_PARAMS_AT.setupData, facts.address + BigInt(at), true);
  }
}

/** IMA's node is never there: its list of measurements is not part of a load here. */
function listContents({
  machine,
  handsEfiOver,
  seed,
  handover,
}: SetupDataFacts): Partial<Record<SetupDataName, Uint8Array | undefined>> {
  const efi = handsEfiOver ? findEfiState(machine)?.handOver : undefined;
  return {
    efi: efi && encode('efi', [efi.firmwareVendor, 0n, efi.configTable, efi.smbios ?? NO_TABLE]),
    handover:
      handover &&
      encode('handover', [
        handover.fdt,
        PAGE_SIZE,
        handover.list.start,
        handover.list.end - handover.list.start,
      ]),
    seed,
  };
}

/** Encodes numbers of 64 bits; the rest of the node is zero. */
function encode(name: SetupDataName, numbers: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(SETUP_DATA_SIZES[name]);
  const view = new DataView(bytes.buffer);
  for (const [index, number] of numbers.entries()) view.setBigUint64(index * 8, number, true);
  return bytes;
}
