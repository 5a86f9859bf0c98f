/**
 * An encoder of LZO1X blocks. Documentation/staging/lzo.rst describes the instructions; which matches are taken is this
 * encoder's own choice.
 */
import { copyLiterals, type EncodeBlock, MatchFinder } from './lz-matches.js';

/** Runs of literals from this length on have an instruction; shorter ones are counted in the match before them. */
const MIN_RUN = 4;
/** The longest run whose length is in the instruction. Longer ones count on in bytes. */
const MAX_SHORT_RUN = 18;
/** A byte that counts on: 255 for each zero, and a last one from 1 on. */
const COUNT_STEP = 255;

/** The kinds of match, by the largest length and distance of each. */
const SHORT = { length: 8, distance: 1 << 11 };
const MIDDLE = { length: 33, distance: 1 << 14 };
const FAR = { length: 9, distance: 0xbfff };

/** The instructions: of a match by its kind, and the end of the block. */
const MIDDLE_MATCH = 0x20;
const FAR_MATCH = 0x10;
const END = [0x11, 0, 0];

/** Creates a compressor of blocks of at least 4 bytes. */
export function createLzo1xEncoder(): EncodeBlock {
  const finder = new MatchFinder();
  return (bytes, into, at) => {
    const count = finder.find(bytes, FAR.distance);
    const { matches } = finder;
    let out = at;
    let literals = 0;
    for (let index = 0; index < count; index += 3) {
      const position = matches[index] as number;
      const length = matches[index + 1] as number;
      out = writeLiterals(bytes, literals, position, into, out);
      out = writeMatch(length, matches[index + 2] as number, into, out);
      literals = position + length;
    }
    out = writeLiterals(bytes, literals, bytes.length, into, out);
    into.set(END, out);
    return out + END.length - at;
  };
}

function writeLiterals(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  const length = end - start;
  let out = at;
  if (length >= MIN_RUN) {
    if (length <= MAX_SHORT_RUN) into[out++] = length - 3;
    else {
      into[out++] = 0;
      out = writeCount(length - MAX_SHORT_RUN, into, out);
    }
  } else if (length > 0) into[out - 2] = (into[out - 2] as number) | length;
  return length === 0 ? out : copyLiterals(bytes, start, end, { into, at: out });
}

function writeMatch(length: number, distance: number, into: Uint8Array, at: number): number {
  let out = at;
  if (length <= SHORT.length && distance <= SHORT.distance) {
    const back = distance - 1;
    into[out++] = ((length - 1) << 5) | ((back & 7) << 2);
    into[out++] = back >> 3;
    return out;
  }
  const isMiddle = distance <= MIDDLE.distance;
  const { length: maxLength } = isMiddle ? MIDDLE : FAR;
  const back = isMiddle ? distance - 1 : distance - MIDDLE.distance;
  const kind = isMiddle ? MIDDLE_MATCH : FAR_MATCH | ((back >> 11) & 8);
  if (length <= maxLength) into[out++] = kind | (length - 2);
  else {
    into[out++] = kind;
    out = writeCount(length - maxLength, into, out);
  }
  into[out++] = (back << 2) & 0xff;
  into[out++] = (back >> 6) & 0xff;
  return out;
}

function writeCount(value: number, into: Uint8Array, at: number): number {
  let out = at;
  let left = value;
  for (; left > COUNT_STEP; left -= COUNT_STEP) into[out++] = 0;
  into[out++] = left;
  return out;
}
