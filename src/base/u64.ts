/**
 * Arithmetic on unsigned 64-bit values held as `bigint`: addresses, sizes, and offsets out of file headers.
 */

/** The first value that no longer fits in 64 bits. */
export const U64_LIMIT = 1n << 64n;

export const KIB = 1024n;
export const MIB = 1024n * KIB;
export const GIB = 1024n * MIB;

/** Rounds `value` down to a multiple of `alignment`. */
export function alignDown(value: bigint, alignment: bigint): bigint {
  return value - (value % alignment);
}

/** Rounds `value` up to a multiple of `alignment`; the result may need more than 64 bits. */
export function alignUp(value: bigint, alignment: bigint): bigint {
  return alignDown(value + alignment - 1n, alignment);
}

/** Clears the bits of `alignment - 1`: as {@link alignDown} for powers of two, and as the kernel's ALIGN_DOWN() for others. */
export function maskDown(value: bigint, alignment: bigint): bigint {
  return value & ~(alignment - 1n);
}

export function isPowerOfTwo(value: bigint): boolean {
  return value > 0n && (value & (value - 1n)) === 0n;
}

/** Whether `value` is a multiple of `alignment`. */
export function isAligned(value: bigint, alignment: bigint): boolean {
  return value % alignment === 0n;
}

export function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function maximum(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/**
 * Formats a number as `0x…`, lower case, without padding, as addresses and sizes are written everywhere, JSON included.
 */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
