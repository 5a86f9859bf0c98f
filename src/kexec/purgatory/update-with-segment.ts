import type { Hash } from '../../trust/hashes.js';
import type { Segment } from '../kimage.js';

/** The zeros that are digested at a time. */
const ZEROS = new Uint8Array(1 << 16);

/** Digests all memory that a segment takes: its bytes, and the zeros after them. */
export function updateWithSegment(hash: Hash, { bytes, memsz }: Segment): void {
  hash.update(bytes);
  for (let left = Number(memsz) - bytes.length; left > 0; left -= ZEROS.length) {
    hash.update(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  }
}
