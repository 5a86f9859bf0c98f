import type { BoundedBytes } from '../../../base/bytes.js';
import type { Section } from './section.js';

/**
 * A bitstream that is read from its end (RFC 8878, section 4.1). The highest set bit of its last byte is a mark; the
 * numbers follow below it, from the highest bits to the lowest.
 */
export class BackwardBits {
  readonly #file: BoundedBytes;
  readonly #bytes: Uint8Array;
  readonly #start: number;
  /** The number of remaining bits. Negative if more were read than there are, which {@link check} refuses. */
  left: number;

  constructor({ file, start, end }: Section) {
    this.#file = file;
    this.#bytes = file.bytes;
    this.#start = start;
    if (end <= start) file.fail('a bitstream is empty', start);
    const last = file.u8(end - 1);
    if (last === 0) file.fail('a bitstream has no end mark', end - 1);
    this.left = (end - start) * 8 - 8 + (31 - Math.clz32(last));
  }

  /** Takes 0 to 24 bits. Bits before the start are 0. */
  take(count: number): number {
    this.left -= count;
    return this.#at(this.left, count);
  }

  /** Returns the next bits without taking them. */
  peek(count: number): number {
    return this.#at(this.left - count, count);
  }

  /** Refuses a stream from which more bits were read than it has. */
  check(): void {
    if (this.left < 0) this.#file.fail('a bitstream ends too soon', this.#start);
  }

  /** Refuses a stream that was not read exactly to its start. */
  finish(): void {
    if (this.left !== 0) this.#file.fail('a bitstream ends too soon or too late', this.#start);
  }

  #at(position: number, count: number): number {
    const mask = (1 << count) - 1;
    if (position < 0) {
      const missing = -position;
      return missing >= count ? 0 : (this.#at(0, count - missing) << missing) & mask;
    }
    const bytes = this.#bytes;
    const at = this.#start + (position >>> 3);
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    return (word >>> (position & 7)) & mask;
  }
}
