import { refuse } from '../base/error.js';
import { formatBytes } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import type { Kimage, SegmentName } from './kimage.js';

/** A bit of a segment's bytes, such as failing memory would change. */
export interface TamperedBit {
  readonly segment: SegmentName;
  /** In bytes from the segment's start. */
  readonly offset: number;
  /** 0 to 7; 0 if left out. */
  readonly bit?: number;
}

/**
 * Flips one bit of a kimage, which purgatory has to notice.
 *
 * @returns another kimage; the given one does not change
 *
 * @throws KexecError `EINVAL`, check `tamper`, if there is no such byte.
 */
export function tamper(kimage: Kimage, { segment, offset, bit = 0 }: TamperedBit): Kimage {
  const found = kimage.segments.find(({ name }) => name === segment);
  if (found === undefined || offset >= found.bytes.length) {
    refuse(
      'tamper',
      'EINVAL',
      found === undefined
        ? `no segment ${segment}, but ${kimage.segments.map(({ name }) => name).join(', ')}`
        : `${segment} has ${formatBytes(found.bytes.length)}, and none at ${hex(offset)}`,
    );
  }
  const bytes = found.bytes.slice();
  bytes[offset] = (bytes[offset] as number) ^ (1 << bit);
  const segments = kimage.segments.map((other) => (other === found ? { ...other, bytes } : other));
  return { ...kimage, segments };
}
