import type { Range } from '../../base/range.js';
import type { Segment } from '../kimage.js';

/** An ELF core header in its place, and the memory that belongs to it, exact to the byte. */
export interface PlacedElfcorehdr {
  readonly segment: Segment;
  readonly room: Range;
}

/** All segments of a load in their places. Those of purgatory and of the boot parameters have no contents yet. */
export interface PlacedBzimage {
  readonly elfcorehdr: PlacedElfcorehdr | undefined;
  readonly dmCryptKeys: Segment | undefined;
  readonly purgatory: Segment;
  readonly bootParams: Segment;
  readonly kernel: Segment;
  readonly initrd: Segment | undefined;
}
