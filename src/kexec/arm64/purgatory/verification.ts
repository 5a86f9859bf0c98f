import { concatenate, encodeU64le } from '../../../base/bytes.js';
import { refuse } from '../../../base/error.js';
import type { Hashes } from '../../../trust/hashes.js';
import { portableHashes } from '../../../trust/portable-hashes.js';
import type { Segment } from '../../kimage.js';
import { updateWithSegment } from '../../purgatory/update-with-segment.js';
import type { PurgatorySetup } from './purgatory-setup.js';

/** The number of regions that parameters.S has room for. */
const REGIONS = 16;
const NAME_SIZE = 16;
const DIGEST_SIZE = 32;

/**
 * Sets the regions that purgatory verifies: all memory that each segment takes, the zeros after its bytes included.
 * Each has a SHA-256 of its own, so that purgatory can name the damaged one.
 *
 * @param segments - all but purgatory's own
 * @throws KexecError `EINVAL`, check `purgatory-regions`, for more than 16.
 */
export function setRegions({ purgatory, placement }: PurgatorySetup, segments: readonly Segment[]): void {
  const { hashes = portableHashes } = placement.request;
  if (segments.length > REGIONS) {
    refuse('purgatory-regions', 'EINVAL', `purgatory: ${segments.length} segments`);
  }
  const table = (entrySize: number, entry: (segment: Segment) => Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(REGIONS * entrySize);
    for (const [index, segment] of segments.entries()) bytes.set(entry(segment), index * entrySize);
    return bytes;
  };
  purgatory.setSymbol(
    'purgatory_sha_regions',
    table(16, ({ mem, memsz }) => concatenate([encodeU64le(mem), encodeU64le(memsz)])),
  );
  purgatory.setSymbol(
    'purgatory_region_digests',
    table(DIGEST_SIZE, (segment) => digest(segment, hashes)),
  );
  purgatory.setSymbol(
    'purgatory_region_names',
    table(NAME_SIZE, ({ name }) => new TextEncoder().encode(name).subarray(0, NAME_SIZE - 1)),
  );
}

function digest(segment: Segment, hashes: Hashes): Uint8Array {
  const hash = hashes('sha256');
  if (hash === undefined) throw new Error('every source of digests has SHA-256');
  updateWithSegment(hash, segment);
  return hash.digest();
}
