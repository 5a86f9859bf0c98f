import type { Hashes } from '../../trust/hashes.js';
import type { Segment } from '../kimage.js';
import { createSha256, updateWithSegment } from './update-with-segment.js';

/** The SHA-256 of all memory of the segments, one after another: `kexec_calculate_store_digests()`. */
export function digestSegments(segments: readonly Segment[], hashes: Hashes): Uint8Array {
  const hash = createSha256(hashes);
  for (const segment of segments) updateWithSegment(hash, segment);
  return hash.digest();
}
