/** An encoder of snappy blocks: google/snappy, format_description.txt. */
import { copyLiterals, type EncodeBlock, MatchFinder } from './lz-matches.js';

/** A literal of up to this length has it in its tag; longer ones have one or two bytes more. */
const MAX_SHORT_LITERAL = 60;
const MAX_BYTE_LITERAL = 256;
/** Tags of those lengths, shifted. */
const BYTE_LENGTH = 60 << 2;
const WORD_LENGTH = 61 << 2;

/** A copy with a distance of 11 bits has 4 to 11 bytes; one with 16 bits, 1 to 64. */
const NEAR = { tag: 1, min: 4, max: 11, distance: (1 << 11) - 1 };
const FAR = { tag: 2, max: 64, distance: (1 << 16) - 1 };

/** Creates a compressor of blocks. */
export function createSnappyEncoder(): EncodeBlock {
  const finder = new MatchFinder();
  return (bytes, into, at) => {
    const count = finder.find(bytes, FAR.distance);
    const { matches } = finder;
    let out = writeSize(bytes.length, into, at);
    let literals = 0;
    for (let index = 0; index < count; index += 3) {
      const position = matches[index] as number;
      const length = matches[index + 1] as number;
      out = writeLiterals(bytes, literals, position, into, out);
      out = writeCopies(length, matches[index + 2] as number, into, out);
      literals = position + length;
    }
    return writeLiterals(bytes, literals, bytes.length, into, out) - at;
  };
}

/** A varint: 7 bits a byte, the lowest first. */
function writeSize(size: number, into: Uint8Array, at: number): number {
  let out = at;
  let left = size;
  for (; left > 0x7f; left >>= 7) into[out++] = (left & 0x7f) | 0x80;
  into[out++] = left;
  return out;
}

function writeLiterals(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  const length = end - start;
  if (length === 0) return at;
  let out = at;
  if (length <= MAX_SHORT_LITERAL) into[out++] = (length - 1) << 2;
  else if (length <= MAX_BYTE_LITERAL) {
    into[out++] = BYTE_LENGTH;
    into[out++] = length - 1;
  } else {
    into[out++] = WORD_LENGTH;
    into[out++] = (length - 1) & 0xff;
    into[out++] = (length - 1) >> 8;
  }
  return copyLiterals(bytes, start, end, { into, at: out });
}

function writeCopies(length: number, distance: number, into: Uint8Array, at: number): number {
  let out = at;
  let left = length;
  while (left > 0) {
    const size = Math.min(left, FAR.max);
    if (size >= NEAR.min && size <= NEAR.max && distance <= NEAR.distance) {
      into[out++] = NEAR.tag | ((size - NEAR.min) << 2) | ((distance >> 8) << 5);
      into[out++] = distance & 0xff;
    } else {
      into[out++] = FAR.tag | ((size - 1) << 2);
      into[out++] = distance & 0xff;
      into[out++] = distance >> 8;
    }
    left -= size;
  }
  return out;
}
