import type { BoundsBlame } from './bytes.js';
import { KexecError } from './error.js';
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
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
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
  { what, check, errno, limit }: ReadLimit,
): Uint8Array {
  const refuse = (seen: string): never => {
    throw new KexecError({ check, errno, seen: `${what}: ${name} ${seen}`, offset });
  };
  if (length > BigInt(limit)) refuse(`has ${hex(length)} bytes; at most ${hex(limit)} are read`);
  if (offset + length > source.size)
    refuse(`of ${hex(length)} bytes goes beyond the ${hex(source.size)} bytes there are`);
  return source.read(offset, Number(length));
}
