import { type BoundsBlame, refuseFor } from './bytes.js';
import { formatBytes } from './sizes.js';
import { hex } from './u64.js';

/** Bytes that are read in pieces, such as a file too large for memory. Offsets are in bytes from its start. */
export interface ByteSource {
  /** In bytes. */
  readonly size: bigint;
  /**
   * Reads `length` bytes from `offset`. Callers stay within {@link size} (see {@link readRange}) and do not modify the
   * bytes, which may be shared.
   */
  read(offset: bigint, length: number): Uint8Array;
  /** Reads into the caller's buffer, if supported: saves an allocation per read. */
  readInto?(offset: bigint, into: Uint8Array): void;
}

/** Returns a source that reads from bytes in memory. Shared, not copied. */
export function createByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: BigInt(bytes.length),
    read: (offset, length) => bytes.subarray(Number(offset), Number(offset) + length),
  };
}

/** How a format names itself in errors, and the most bytes that it reads at once. */
export type ReadLimit = BoundsBlame & {
  /** In bytes. A larger length is refused before anything is allocated. */
  readonly limit: number;
};

/**
 * Reads a range of a source whose offset and length come from a file.
 *
 * @param offset - in bytes from the start of the source
 * @param length - in bytes
 * @param name - what the range is, for the error: "the header"
 * @param limit - the most bytes to read, and the check and errno of the refusal
 * @throws KexecError with that check and errno if the range is longer than the limit or leaves the source.
 */
export function readRange(
  source: ByteSource,
  offset: bigint,
  length: bigint,
  name: string,
  { limit, ...blame }: ReadLimit,
): Uint8Array {
  if (length > BigInt(limit)) {
    refuseFor(blame, `${name} has ${formatBytes(length)}; the limit is ${formatBytes(limit)}`, offset);
  }
  if (offset + length > source.size) {
    refuseFor(blame, `${name} of ${formatBytes(length)} goes beyond the end at ${hex(source.size)}`, offset);
  }
  return source.read(offset, Number(length));
}
