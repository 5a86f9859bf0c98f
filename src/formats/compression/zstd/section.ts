import type { BoundedBytes } from '../../../base/bytes.js';

/** A part of a file, by its half-open range of offsets in bytes. */
export interface Section {
  readonly file: BoundedBytes;
  readonly start: number;
  readonly end: number;
}
