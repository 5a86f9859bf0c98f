import { MAX_PORT } from '../../../formats/acpi/generic-address.js';
import { splitPciAddress } from '../../../machine/x86-64/reset-register.js';
import type { X86ResetRegister } from '../../../machine/x86-64/x86-machine.js';

/** As macros.inc numbers them. */
const KINDS = { none: 0, memory: 1, port: 2, pci: 3 } as const;

/** A PC's devices have their registers below 4 GiB. */
const MEMORY_LIMIT = 1n << 32n;

const LAST_DEVICE = 31n;
const LAST_FUNCTION = 7n;
const LAST_OFFSET = 0xffn;

/** A reset register, as purgatory takes it. */
export interface EncodedRegister {
  readonly kind: number;
  /**
   * A physical address, or a port. In PCI configuration space, what the port 0xcf8 takes, and the offset's two lowest bits:
   * `0x80000000 | device << 11 | function << 8 | offset`.
   */
  readonly address: bigint;
  readonly value: number;
}

/** No register. */
export const NO_REGISTER: EncodedRegister = { kind: KINDS.none, address: 0n, value: 0 };

/**
 * Encodes a reset register.
 *
 * @returns undefined for one that purgatory does not write to: memory from 4 GiB on, a port or a place in PCI
 *   configuration space that no PC has
 */
export function encodeResetRegister({
  space,
  address,
  value,
}: X86ResetRegister): EncodedRegister | undefined {
  if (space === 'memory') return address < MEMORY_LIMIT ? { kind: KINDS.memory, address, value } : undefined;
  if (space === 'port') return address <= MAX_PORT ? { kind: KINDS.port, address, value } : undefined;
  const { device, fn, offset } = splitPciAddress(address);
  if (device > LAST_DEVICE || fn > LAST_FUNCTION || offset > LAST_OFFSET) return undefined;
  return { kind: KINDS.pci, address: 0x8000_0000n | (device << 11n) | (fn << 8n) | offset, value };
}
