import { type BoundsBlame, refuseFor } from './bytes.js';
import { hex } from './u64.js';

/**
 * Bytes that are read piece by piece: a file too large for memory. Offsets are bytes from its start.
 */
export interface ByteSource {
  /** In bytes. */
  readonly size: bigint;
  /**
   * `length` bytes from `offset`. Callers keep within {@link size} (see {@link readRange}) and do not change the bytes,
   * which may be shared.
   */
  read(offset: bigint, length: number): Uint8Array;
  /** Fills bytes of the caller's, where a source can do that: for who reads much, and would leave much behind. */
  readInto?(offset: bigint, into: Uint8Array): void;
}

/** Bytes in memory as a source. */
export function createByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: BigInt(bytes.length),
    read: (offset, length) => bytes.subarray(Number(offset), Number(offset) + length),
  };
}

/** How a format names itself, and the most that it reads at once. */
export type ReadLimit = BoundsBlame & {
  /** In bytes: a length beyond it is refused before anything is allocated. */
  readonly limit: number;
};

/**
 * Bytes of a source that a file says to be there.
 *
 * @param name - what they are, for the error
 * @throws KexecError, by `limit`, if they leave the source or are more than the limit.
 */
export function readRange(
  source: ByteSource,
  offset: bigint,
  length: bigint,
  name: string,
  { limit, ...blame }: ReadLimit,
): Uint8Array {
  if (length > BigInt(limit)) {
    refuseFor(blame, `${name} has ${hex(length)} bytes; at most ${hex(limit)} are read`, offset);
  }
  if (offset + length > source.size) {
    const end = `the ${hex(source.size)} bytes there are`;
    refuseFor(blame, `${name} of ${hex(length)} bytes goes beyond ${end}`, offset);
  }
  return source.read(offset, Number(length));
}
