import { concatenate, encodeU64le } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { SEGMENT_MAX, type Segment } from '../kimage.js';
import type { LoadOptions } from '../load-options.js';
import type { Purgatory } from './purgatory.js';

const REGION_SIZE = 16;
const NAME_SIZE = 16;
const DIGEST_SIZE = 32;

/** The memory of a segment, which is what purgatory verifies. */
export type VerifiedSegment = Pick<Segment, 'mem' | 'memsz' | 'bytes'> & { readonly name: string };

/** Lists what our purgatory verifies: all but itself, and an ELF core header that the running kernel may update. */
export function listVerified(
  segments: readonly Segment[],
  { hotplug, purgatory }: LoadOptions,
): readonly Segment[] {
  if (purgatory !== undefined && purgatory !== false && purgatory.checks === false) return [];
  const left = hotplug === true ? ['purgatory', 'elfcorehdr'] : ['purgatory'];
  return segments.filter(({ name }) => !left.includes(name));
}

/** Encodes the regions that a purgatory verifies: start and length of each, in room for 16. */
export function encodeRegions(segments: readonly Pick<Segment, 'mem' | 'memsz'>[]): Uint8Array {
  return encodeTable(segments, REGION_SIZE, ({ mem, memsz }) =>
    concatenate([encodeU64le(mem), encodeU64le(memsz)]),
  );
}

/**
 * Sets the regions that our purgatory verifies: all memory that each segment takes, the zeros after its bytes included. Each
 * has a digest of its own, so that purgatory can name the damaged one.
 *
 * @param segments - those of {@link listVerified}
 * @param digest - the digest of a segment's memory, 32 bytes, as the architecture's purgatory computes it
 * @throws KexecError `EINVAL`, check `purgatory-regions`, for more than 16.
 */
export function setRegions<S extends VerifiedSegment>(
  purgatory: Purgatory,
  segments: readonly S[],
  digest: (segment: S) => Uint8Array,
): void {
  if (segments.length > SEGMENT_MAX) {
    refuse('purgatory-regions', 'EINVAL', `purgatory: ${segments.length} segments`);
  }
  purgatory.setSymbol('purgatory_sha_regions', encodeRegions(segments));
  purgatory.setSymbol('purgatory_region_digests', encodeTable(segments, DIGEST_SIZE, digest));
  purgatory.setSymbol(
    'purgatory_region_names',
    encodeTable(segments, NAME_SIZE, ({ name }) => new TextEncoder().encode(name).subarray(0, NAME_SIZE - 1)),
  );
}

/** Encodes an entry of each segment, in room for 16. */
function encodeTable<T>(
  segments: readonly T[],
  entrySize: number,
  encode: (segment: T) => Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_MAX * entrySize);
  for (const [index, segment] of segments.entries()) bytes.set(encode(segment), index * entrySize);
  return bytes;
}
