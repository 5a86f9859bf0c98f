/** log2 of the number of slots for earlier positions: enough for a page, and cleared quickly. */
const TABLE_BITS = 12;
/** 2^32 divided by the golden ratio, which spreads words over the slots (Knuth, volume 3, 6.4). */
const MULTIPLIER = 0x9e3779b1;

/** The shortest match, in bytes. */
export const MIN_MATCH = 4;
/** No match begins before this offset: LZO1X begins with a run of at least so many literals. */
const FIRST_MATCH = 4;
/** After each this many bytes without a match (as a power of 2), the search makes larger steps. */
const ACCELERATION_SHIFT = 5;

/** The largest input: positions have 16 bits. */
export const MAX_INPUT_BYTES = 1 << 16;

/**
 * Compresses a block of at most {@link MAX_INPUT_BYTES}.
 *
 * @param into - has room for the result, which is at most an eighth and 64 bytes larger than `bytes`
 * @param at - where the result begins
 * @returns its length
 */
export type EncodeBlock = (bytes: Uint8Array, into: Uint8Array, at: number) => number;

/**
 * Finds bytes that are repeated, for compressors of the LZ77 family: greedily, and fast. One instance is reused for all
 * pages of a dump.
 */
export class MatchFinder {
  /** What the last call of {@link find} found: position, length and distance of each match. */
  readonly matches = new Uint16Array((3 * MAX_INPUT_BYTES) / MIN_MATCH);
  readonly #table = new Uint16Array(1 << TABLE_BITS);

  /**
   * Finds matches, which do not overlap, lowest first.
   *
   * @param bytes - at most {@link MAX_INPUT_BYTES}
   * @param maxDistance - how far back a match may refer, in bytes; less than 2^16
   * @returns how many elements of {@link matches} are set: three for each match
   */
  find(bytes: Uint8Array, maxDistance: number): number {
    const { matches } = this;
    const table = this.#table.fill(0);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = bytes.length - MIN_MATCH;
    let count = 0;
    let anchor = FIRST_MATCH;
    for (let at = FIRST_MATCH; at <= last; ) {
      const word = view.getInt32(at, true);
      const slot = Math.imul(word, MULTIPLIER) >>> (32 - TABLE_BITS);
      const candidate = table[slot] as number;
      table[slot] = at;
      if (at - candidate > maxDistance || view.getInt32(candidate, true) !== word) {
        at += 1 + ((at - anchor) >> ACCELERATION_SHIFT);
        continue;
      }
      let end = at + MIN_MATCH;
      const distance = at - candidate;
      while (end <= last && view.getInt32(end, true) === view.getInt32(end - distance, true)) end += 4;
      while (end < bytes.length && bytes[end] === bytes[end - distance]) end += 1;
      matches[count] = at;
      matches[count + 1] = end - at;
      matches[count + 2] = distance;
      count += 3;
      at = end;
      anchor = end;
    }
    return count;
  }
}

/** Shorter runs of literals are copied byte by byte, which takes less than a call. */
const MIN_COPY = 32;

/** Copies literals. @returns the offset after them */
export function copyLiterals(
  from: Uint8Array,
  start: number,
  end: number,
  { into, at }: { readonly into: Uint8Array; readonly at: number },
): number {
  if (end - start >= MIN_COPY) into.set(from.subarray(start, end), at);
  else for (let index = start; index < end; index += 1) into[at + index - start] = from[index] as number;
  return at + end - start;
}
