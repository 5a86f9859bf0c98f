import type { Hash, Hashes } from '../../trust/hashes.js';
import type { Segment } from '../kimage.js';

/** The zeros that are digested at a time. */
const ZEROS = new Uint8Array(1 << 16);

export function createSha256(hashes: Hashes): Hash {
  const hash = hashes('sha256');
  if (hash === undefined) throw new Error('every source of digests has SHA-256');
  return hash;
}

/**
 * Digests memory that a segment takes: its bytes, and the zeros after them.
 *
 * @param start - in bytes from the segment's start; 0 if left out
 * @param end - the first byte that is left out; the segment's end if left out
 */
export function updateWithSegment(
  hash: Hash,
  { bytes, memsz }: Pick<Segment, 'bytes' | 'memsz'>,
  start = 0,
  end = Number(memsz),
): void {
  hash.update(bytes.subarray(start, end));
  for (let left = end - Math.max(start, bytes.length); left > 0; left -= ZEROS.length) {
    hash.update(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  }
}
