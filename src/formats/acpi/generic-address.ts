import type { BoundedBytes } from '../../base/bytes.js';

/** The bits of an access to a register. */
type AccessBits = 8 | 16 | 32 | 64;

/** Where a register lies: Generic Address Structure (ACPI Specification 6.5, section 5.2.3.2). */
export interface GenericAddress {
  /** {@link MEMORY_SPACE}, {@link PORT_SPACE}, {@link PCI_SPACE}, or another. */
  readonly space: number;
  /** The bits of an access; undefined if firmware leaves it open, or has a value that is not defined. */
  readonly accessBits: AccessBits | undefined;
  readonly address: bigint;
}

/** The address spaces of physical memory, of x86's ports, and of PCI configuration space of bus 0. */
export const MEMORY_SPACE = 0;
export const PORT_SPACE = 1;
export const PCI_SPACE = 2;

/** The last port. */
export const MAX_PORT = 0xffffn;

/** The bytes of a structure. */
export const GENERIC_ADDRESS_SIZE = 12;

/** The bits of an access by their number in the structure. */
const ACCESS_BITS: readonly (AccessBits | undefined)[] = [undefined, 8, 16, 32, 64];

/** Reads the structure at an offset. @throws KexecError of the table, if it goes beyond the end */
export function readGenericAddress(bytes: BoundedBytes, offset: number): GenericAddress {
  return {
    space: bytes.u8(offset),
    accessBits: ACCESS_BITS[bytes.u8(offset + 3)],
    address: bytes.u64le(offset + 4),
  };
}
