/**
 * LZMA, after the "LZMA specification" of the LZMA SDK (public domain): the decoder, and the file format that `lzma`
 * and `xz --format=lzma` write. xz.ts uses the decoder for LZMA2.
 */
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import {
  type BoundedOutput,
  compressionBlame,
  copyWithinOutput,
  type OutputBound,
  runDecoder,
} from './bounded-output.js';

const HEADER_SIZE = 13;
const UNKNOWN_SIZE = (1n << 64n) - 1n;

/** Range coder: probabilities have 11 bits and adapt by 1/32; a byte is shifted in below this range. */
const PROBABILITY_HALF = 1024;
const BELOW_TOP = 0xff000000;

/** The length of the shortest match, in bytes. */
const MIN_MATCH = 2;
const END_MARKER = 0xffffffff;

/** The first index of each group of probabilities in the array of all of them. */
const IS_MATCH = 0; // by state and position: 12 * 16
const IS_REP = IS_MATCH + 192;
const IS_REP_G0 = IS_REP + 12;
const IS_REP_G1 = IS_REP_G0 + 12;
const IS_REP_G2 = IS_REP_G1 + 12;
const IS_REP0_LONG = IS_REP_G2 + 12; // by state and position
const POSITION_SLOT = IS_REP0_LONG + 192; // by length: 4 * 64
const POSITION_SPECIAL = POSITION_SLOT + 256;
const POSITION_ALIGN = POSITION_SPECIAL + 128;
const MATCH_LENGTH = POSITION_ALIGN + 16;
const LENGTH_SIZE = 2 + 128 + 128 + 256; // two choices; low and mid by position: 16 * 8 each; high
const REP_LENGTH = MATCH_LENGTH + LENGTH_SIZE;
const LITERALS = REP_LENGTH + LENGTH_SIZE;

/**
 * The number of probabilities per literal context; there are 2^(lc + lp) contexts: lc + lp is at most 4 in LZMA2, 12 in
 * LZMA.
 */
const LITERAL_SIZE = 0x300;

/**
 * Decompresses an `.lzma` file. Bytes after it are ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressLzma(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('LZMA'));
  file.slice(0, HEADER_SIZE, 'the header');
  const size = file.u64le(5);
  return runDecoder(bound, (output) => {
    const decoder = new LzmaDecoder(file, output);
    decoder.setProperties(file.u8(0), 0);
    decoder.resetState();
    decoder.setInput(HEADER_SIZE, file.length);
    if (size === UNKNOWN_SIZE) {
      decoder.decode(Number.MAX_SAFE_INTEGER);
    } else {
      if (size > BigInt(bound.limit) && bound.atLimit === 'refuse') output.overflow();
      decoder.decode(Number(size));
      if (output.length !== Number(size))
        file.fail(`the file has ${output.length} bytes, not ${size} as its header says`, 5);
      if (!decoder.isFlushed) expectEndMarker(file, decoder, output);
    }
    return decoder.inputEnd;
  });
}

/** A file may have both a size and an end marker. Anything else after its last byte is damage. */
function expectEndMarker(file: BoundedBytes, decoder: LzmaDecoder, output: BoundedOutput): void {
  const { length } = output;
  decoder.decode(Number.MAX_SAFE_INTEGER);
  if (output.length !== length) file.fail('it has more bytes than its header says', 5);
}

/**
 * Decodes bits, and numbers of bits, by adaptive probabilities. Range and code are unsigned numbers of 32 bits, kept as
 * signed ones, which are the fastest in JavaScript engines.
 */
class RangeDecoder {
  readonly #file: BoundedBytes;
  readonly #input: Uint8Array;
  /** Their number depends on the properties. */
  probabilities = new Uint16Array(LITERALS);
  /** The offset of the next byte. */
  at = 0;
  #end = 0;
  #range = 0;
  #code = 0;

  constructor(file: BoundedBytes) {
    this.#file = file;
    this.#input = file.bytes;
  }

  start(start: number, end: number): void {
    if (end - start < 5) this.#file.fail('there is no room for the range coder', start);
    if (this.#file.u8(start) !== 0) this.#file.fail('the range coder does not begin with 0', start);
    this.#code = this.#file.u32be(start + 1) | 0;
    this.#range = -1;
    this.at = start + 5;
    this.#end = end;
  }

  get isFlushed(): boolean {
    return this.#code === 0;
  }

  get isFinished(): boolean {
    return this.at === this.#end && this.isFlushed;
  }

  bit(index: number): 0 | 1 {
    const probability = this.probabilities[index] as number;
    const bound = Math.imul(this.#range >>> 11, probability);
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.probabilities[index] = probability + ((2048 - probability) >>> 5);
      if ((bound & BELOW_TOP) === 0) this.#shift();
      return 0;
    }
    this.#range = (this.#range - bound) | 0;
    this.#code = (this.#code - bound) | 0;
    this.probabilities[index] = probability - (probability >>> 5);
    if ((this.#range & BELOW_TOP) === 0) this.#shift();
    return 1;
  }

  tree(base: number, bits: number): number {
    const end = 1 << bits;
    return this.symbol(base, 1, end) - end;
  }

  /**
   * Decodes bits, the highest first, behind those that `start` has, until their number reaches `end`: as {@link bit} for
   * each, with the state in local variables, which takes less time.
   *
   * @param match - the byte at the last distance, if the bits are those of a literal after a match: while they are the
   *   same as its own, they have probabilities by its next bit
   */
  symbol(base: number, start: number, end: number, match?: number): number {
    const { probabilities } = this;
    const input = this.#input;
    let range = this.#range;
    let code = this.#code;
    let symbol = start;
    // 0x100 while all bits are the same as those of the match.
    let same = match === undefined ? 0 : 0x100;
    let rest = match ?? 0;
    while (symbol < end) {
      rest <<= 1;
      const expected = rest & same;
      const index = base + same + expected + symbol;
      const probability = probabilities[index] as number;
      const bound = Math.imul(range >>> 11, probability);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probabilities[index] = probability + ((2048 - probability) >>> 5);
        symbol <<= 1;
        same &= ~expected;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probabilities[index] = probability - (probability >>> 5);
        symbol = (symbol << 1) | 1;
        same = expected;
      }
      if ((range & BELOW_TOP) === 0) {
        if (this.at >= this.#end) this.#failAtEnd();
        range <<= 8;
        code = (code << 8) | (input[this.at++] as number);
      }
    }
    this.#range = range;
    this.#code = code;
    return symbol;
  }

  /** Decodes the length of a match, less its minimum. */
  length(base: number, positionState: number): number {
    if (this.bit(base) === 0) return this.tree(base + 2 + (positionState << 3), 3);
    if (this.bit(base + 1) === 0) return 8 + this.tree(base + 2 + 128 + (positionState << 3), 3);
    return 16 + this.tree(base + 2 + 256, 8);
  }

  /** Decodes the distance of a match, less 1. */
  distance(length: number): number {
    const slot = this.tree(POSITION_SLOT + (Math.min(length, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return base + this.#reverseTree(POSITION_SPECIAL + base - slot, bits);
    return base + ((this.#directBits(bits - 4) << 4) >>> 0) + this.#reverseTree(POSITION_ALIGN, 4);
  }

  #reverseTree(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let level = 0; level < bits; level += 1) {
      const bit = this.bit(base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << level;
    }
    return value;
  }

  #directBits(bits: number): number {
    let value = 0;
    for (let level = 0; level < bits; level += 1) {
      this.#range >>>= 1;
      value <<= 1;
      if (this.#code >>> 0 >= this.#range) {
        this.#code = (this.#code - this.#range) | 0;
        value |= 1;
      }
      if ((this.#range & BELOW_TOP) === 0) this.#shift();
    }
    return value;
  }

  #shift(): void {
    if (this.at >= this.#end) this.#failAtEnd();
    this.#range <<= 8;
    this.#code = (this.#code << 8) | (this.#input[this.at++] as number);
  }

  #failAtEnd(): never {
    this.#file.fail('the data ends too soon', this.at);
  }
}

/** Decodes LZMA into an output, which is also its dictionary. */
export class LzmaDecoder {
  readonly #file: BoundedBytes;
  readonly #output: BoundedOutput;
  readonly #coder: RangeDecoder;
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #state = 0;
  #reps = [0, 0, 0, 0];
  /** The start of the dictionary in the output: matches begin at it or later. */
  #dictionaryStart = 0;

  constructor(file: BoundedBytes, output: BoundedOutput) {
    this.#coder = new RangeDecoder(file);
    this.#file = file;
    this.#output = output;
  }

  resetDictionary(): void {
    this.#dictionaryStart = this.#output.length;
  }

  /** @param offset - of the byte, for the error */
  setProperties(byte: number, offset: number): void {
    if (byte >= 9 * 5 * 5) this.#file.fail(`the properties are ${hex(byte)}`, offset);
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    this.#literalContextBits = lc;
    this.#literalPositionMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    const size = LITERALS + (LITERAL_SIZE << (lc + lp));
    if (this.#coder.probabilities.length !== size) this.#coder.probabilities = new Uint16Array(size);
  }

  resetState(): void {
    this.#coder.probabilities.fill(PROBABILITY_HALF);
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
  }

  /** Starts the range coder on bytes of the file. */
  setInput(start: number, end: number): void {
    this.#coder.start(start, end);
  }

  /** Whether nothing is left in the range coder, as after the last byte. */
  get isFlushed(): boolean {
    return this.#coder.isFlushed;
  }

  /** The offset of the first byte that the range coder has not used. */
  get inputEnd(): number {
    return this.#coder.at;
  }

  /** Whether the range coder has used all its bytes, as it must at the end of an LZMA2 chunk. */
  get isFinished(): boolean {
    return this.#coder.isFinished;
  }

  /**
   * Decodes `count` bytes, or up to the end marker. One long function: the state is in local variables, which is faster
   * than fields or arguments.
   */
  decode(count: number): void {
    const coder = this.#coder;
    const file = this.#file;
    const output = this.#output;
    const out = output.bytes;
    const positionMask = this.#positionMask;
    const dictionaryStart = this.#dictionaryStart;
    const literalShift = 8 - this.#literalContextBits;
    const literalContextBits = this.#literalContextBits;
    const literalPositionMask = this.#literalPositionMask;
    let state = this.#state;
    let [rep0 = 0, rep1 = 0, rep2 = 0, rep3 = 0] = this.#reps;
    let position = output.length;
    const first = position;
    const limit = Math.min(position + count, out.length);

    let overflows = false;
    let isAtEnd = false;
    while (position - first < count) {
      if (position === out.length) {
        // The end marker may follow the last byte that fits.
        overflows = count !== Number.MAX_SAFE_INTEGER;
        if (overflows) break;
      }
      const positionState = (position - dictionaryStart) & positionMask;
      if (coder.bit(IS_MATCH + (state << 4) + positionState) === 0) {
        if (position === out.length) {
          overflows = true;
          break;
        }
        const previous = position > dictionaryStart ? (out[position - 1] as number) : 0;
        const context =
          (((position - dictionaryStart) & literalPositionMask) << literalContextBits) +
          (previous >> literalShift);
        const base = LITERALS + LITERAL_SIZE * context;
        const match = state < 7 ? undefined : (out[position - rep0 - 1] as number);
        out[position++] = coder.symbol(base, 1, 0x100, match);
        state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
        continue;
      }

      let length: number;
      if (coder.bit(IS_REP + state) === 0) {
        rep3 = rep2;
        rep2 = rep1;
        rep1 = rep0;
        length = coder.length(MATCH_LENGTH, positionState);
        rep0 = coder.distance(length);
        state = state < 7 ? 7 : 10;
        if (rep0 === END_MARKER) {
          isAtEnd = true;
          break;
        }
      } else {
        if (rep0 >= position - dictionaryStart)
          file.fail(`a match is ${rep0 + 1} bytes back, before the dictionary`, coder.at);
        if (coder.bit(IS_REP_G0 + state) === 0) {
          if (coder.bit(IS_REP0_LONG + (state << 4) + positionState) === 0) {
            if (position === out.length) {
              overflows = true;
              break;
            }
            out[position] = out[position - rep0 - 1] as number;
            position += 1;
            state = state < 7 ? 9 : 11;
            continue;
          }
        } else {
          let distance = rep1;
          if (coder.bit(IS_REP_G1 + state) !== 0) {
            distance = rep2;
            if (coder.bit(IS_REP_G2 + state) !== 0) {
              distance = rep3;
              rep3 = rep2;
            }
            rep2 = rep1;
          }
          rep1 = rep0;
          rep0 = distance;
        }
        length = coder.length(REP_LENGTH, positionState);
        state = state < 7 ? 8 : 11;
      }
      length += MIN_MATCH;
      if (rep0 >= position - dictionaryStart)
        file.fail(`a match is ${rep0 + 1} bytes back, before the dictionary`, coder.at);
      const fits = Math.min(length, limit - position);
      copyWithinOutput(out, position, rep0 + 1, fits);
      position += fits;
      if (fits < length) {
        if (position < out.length) file.fail('a match leaves its chunk', coder.at);
        overflows = true;
        break;
      }
    }

    output.length = position;
    if (overflows) output.overflow();
    if (count === Number.MAX_SAFE_INTEGER && !isAtEnd) file.fail('there is no end marker', coder.at);
    this.#state = state;
    this.#reps = [rep0, rep1, rep2, rep3];
  }
}
