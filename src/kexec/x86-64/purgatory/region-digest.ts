import { concatenate } from '../../../base/bytes.js';
import type { Hashes } from '../../../trust/hashes.js';
import type { Segment } from '../../kimage.js';
import { createSha256, updateWithSegment } from '../../purgatory/update-with-segment.js';

/** The parts of a region, which a CPU with AVX2 digests all at a time. */
const PARTS = 8;

/** The bytes of a block of SHA-256. */
const BLOCK_SIZE = 64;

/**
 * Computes the digest of a region as purgatory does: the memory of a segment, the zeros after its bytes included. sha256.S
 * defines it:
 *
 *     SHA-256(SHA-256(part 0) || … || SHA-256(part 7) || rest)
 *
 * The parts follow one another from the region's start. All have the same number of whole blocks of 64 bytes, as many as
 * fit; the rest has fewer than 512 bytes.
 */
export function digestRegion(segment: Pick<Segment, 'bytes' | 'memsz'>, hashes: Hashes): Uint8Array {
  const digest = (start: number, end: number): Uint8Array => {
    const hash = createSha256(hashes);
    updateWithSegment(hash, segment, start, end);
    return hash.digest();
  };
  const size = Math.floor(Number(segment.memsz) / (PARTS * BLOCK_SIZE)) * BLOCK_SIZE;
  // Parts of nothing but zeros are equal: most of a kernel's, whose file is compressed and whose memory is not.
  let zeros: Uint8Array | undefined;
  const parts = Array.from({ length: PARTS }, (_, part) => {
    const start = part * size;
    if (start < segment.bytes.length) return digest(start, start + size);
    zeros ??= digest(start, start + size);
    return zeros;
  });
  const hash = createSha256(hashes);
  hash.update(concatenate(parts));
  updateWithSegment(hash, segment, PARTS * size);
  return hash.digest();
}
