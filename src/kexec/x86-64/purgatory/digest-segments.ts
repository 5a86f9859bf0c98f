import { encodeU64le } from '../../../base/bytes.js';
import type { Hashes } from '../../../trust/hashes.js';
import { SEGMENT_MAX, type Segment } from '../../kimage.js';
import { updateWithSegment } from '../../purgatory/update-with-segment.js';

const REGION_SIZE = 16;

/** Encodes the regions that purgatory verifies: start and length of each, in room for 16. */
export function encodeRegions(segments: readonly Segment[]): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_MAX * REGION_SIZE);
  for (const [index, { mem, memsz }] of segments.entries()) {
    bytes.set(encodeU64le(mem), index * REGION_SIZE);
    bytes.set(encodeU64le(memsz), index * REGION_SIZE + 8);
  }
  return bytes;
}

/** The SHA-256 of all memory of the segments, one after another: `kexec_calculate_store_digests()`. */
export function digestSegments(segments: readonly Segment[], hashes: Hashes): Uint8Array {
  const hash = hashes('sha256');
  if (hash === undefined) throw new Error('every source of digests has SHA-256');
  for (const segment of segments) updateWithSegment(hash, segment);
  return hash.digest();
}
