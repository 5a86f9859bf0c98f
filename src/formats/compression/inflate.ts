/**
 * DEFLATE (RFC 1951), and zlib's header and checksum around it (RFC 1950). Node and browsers have it too, but a browser
 * only asynchronously, where the pages of a dump are read synchronously, and without the end of the compressed data.
 */
import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { type BoundedOutput, compressionBlame, type OutputBound, runDecoder } from './bounded-output.js';
import { adler32 } from './checksums.js';

/** The compression method of zlib's header, in the low four bits of its first byte. */
const DEFLATED = 8;
/** Flag of zlib's header: a preset dictionary follows. */
const HAS_DICTIONARY = 0x20;
const ZLIB_HEADER_SIZE = 2;

/** Types of blocks. */
const STORED = 0;
const FIXED = 1;
const DYNAMIC = 2;

/** Symbols of literals and lengths: bytes, the end of the block, then lengths. Two more have codes and no meaning. */
const END_OF_BLOCK = 256;
const LITERAL_SYMBOLS = 286;
const DISTANCE_SYMBOLS = 30;

/** Lengths and distances by symbol: the smallest, and how many bits follow that are added to it. RFC 1951, 3.2.5. */
const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];

/** The order of the code lengths of code lengths in a dynamic block. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** Symbols of code lengths: repeat the length before, repeat 0, repeat 0 more often. */
const REPEAT_LAST = 16;
const REPEAT_ZERO = 17;
const REPEAT_ZERO_LONG = 18;

/** No code has more bits. */
const MAX_CODE_BITS = 15;
/** Codes of up to this many bits are looked up at once. */
const QUICK_BITS = 10;

/**
 * Decompresses a zlib stream. Bytes after its end are ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressZlib(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('zlib'));
  checkZlibHeader(file);
  return runDecoder(bound, (output) => {
    const input = new BitReader(file, ZLIB_HEADER_SIZE);
    inflate(input, output);
    const sum = file.u32be(input.byteOffset());
    if (sum !== adler32(output.bytes.subarray(0, output.length))) file.fail('the checksum does not match');
    return input.byteOffset() + 4;
  });
}

/**
 * Decompresses DEFLATE data without a header. Bytes after its end are ignored.
 *
 * @param file - the file that contains it, with the blame of its format
 * @param start - its offset
 * @returns the end of the data
 * @throws KexecError, with the check and errno of `file`.
 */
export function inflateRaw(file: BoundedBytes, start: number, output: BoundedOutput): number {
  const input = new BitReader(file, start);
  inflate(input, output);
  return input.byteOffset();
}

function checkZlibHeader(file: BoundedBytes): void {
  const method = file.u8(0);
  const word = (method << 8) | file.u8(1);
  // The upper four bits are log2 of the window's size, less 8: at most 7.
  if ((method & 0xf) !== DEFLATED || method >> 4 > 7) file.fail(`the method is ${hex(method)}`, 0);
  if (word % 31 !== 0) file.fail('the checksum of the header does not match', 0);
  if ((word & HAS_DICTIONARY) !== 0) file.fail('it needs a preset dictionary', 1);
}

function inflate(input: BitReader, output: BoundedOutput): void {
  const windowStart = output.length;
  for (let isLast = false; !isLast; ) {
    isLast = input.take(1) === 1;
    const type = input.take(2);
    if (type === STORED) copyStored(input, output);
    else if (type === FIXED) inflateBlock(input, output, fixedCodes(), windowStart);
    else if (type === DYNAMIC) inflateBlock(input, output, readCodes(input), windowStart);
    else input.fail('a block of a reserved type');
  }
}

function copyStored(input: BitReader, output: BoundedOutput): void {
  const at = input.byteOffset();
  const length = input.file.u16le(at);
  if (length !== (input.file.u16le(at + 2) ^ 0xffff)) input.fail('a stored block whose lengths disagree');
  output.append(input.file.slice(at + 4, length, 'a stored block'));
  input.continueAt(at + 4 + length);
}

/** The codes of a block. */
interface Codes {
  readonly literals: HuffmanCode;
  readonly distances: HuffmanCode;
}

/** The codes of blocks of type FIXED, built when they are first needed. RFC 1951, 3.2.6. */
let fixed: Codes | undefined;

function fixedCodes(): Codes {
  if (fixed === undefined) {
    const lengths = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280);
    fixed = { literals: new HuffmanCode(lengths), distances: new HuffmanCode(new Uint8Array(32).fill(5)) };
  }
  return fixed;
}

/** Reads the codes of a block of type DYNAMIC. RFC 1951, 3.2.7. What zlib refuses beyond it is refused too. */
function readCodes(input: BitReader): Codes {
  const literalCount = input.take(5) + 257;
  const distanceCount = input.take(5) + 1;
  const orderCount = input.take(4) + 4;
  if (literalCount > LITERAL_SYMBOLS || distanceCount > DISTANCE_SYMBOLS)
    input.fail(`codes for ${literalCount} literals and ${distanceCount} distances`);
  const orderLengths = new Uint8Array(CODE_LENGTH_ORDER.length);
  for (const symbol of CODE_LENGTH_ORDER.slice(0, orderCount)) orderLengths[symbol] = input.take(3);
  const code = new HuffmanCode(orderLengths);
  if (!code.isComplete) input.fail('code lengths: too few or too many of their own codes');

  const lengths = readCodeLengths(input, code, literalCount + distanceCount);
  if (lengths[END_OF_BLOCK] === 0) input.fail('a block without a code for its end');
  const literals = new HuffmanCode(lengths.subarray(0, literalCount));
  const distances = new HuffmanCode(lengths.subarray(literalCount));
  for (const { isComplete, isSingle } of [literals, distances])
    if (!isComplete && !isSingle) input.fail('the code lengths result in too few or too many codes');
  return { literals, distances };
}

function readCodeLengths(input: BitReader, code: HuffmanCode, count: number): Uint8Array {
  const lengths = new Uint8Array(count);
  for (let at = 0; at < count; ) {
    const symbol = input.decode(code);
    if (symbol < REPEAT_LAST) {
      lengths[at] = symbol;
      at += 1;
      continue;
    }
    if (symbol === REPEAT_LAST && at === 0) input.fail('a repeated code length without one before it');
    const length = symbol === REPEAT_LAST ? (lengths[at - 1] ?? 0) : 0;
    const times = repeatCount(input, symbol);
    if (at + times > count) input.fail('more code lengths than codes');
    lengths.fill(length, at, at + times);
    at += times;
  }
  return lengths;
}

function repeatCount(input: BitReader, symbol: number): number {
  if (symbol === REPEAT_ZERO_LONG) return 11 + input.take(7);
  return 3 + input.take(symbol === REPEAT_ZERO ? 3 : 2);
}

function inflateBlock(
  input: BitReader,
  output: BoundedOutput,
  { literals, distances }: Codes,
  windowStart: number,
): void {
  for (;;) {
    const symbol = input.decode(literals);
    if (symbol < END_OF_BLOCK) {
      if (output.length === output.bytes.length) output.overflow();
      output.bytes[output.length] = symbol;
      output.length += 1;
      continue;
    }
    if (symbol === END_OF_BLOCK) return;
    if (symbol >= LITERAL_SYMBOLS) input.fail(`length symbol ${symbol}`);
    const index = symbol - END_OF_BLOCK - 1;
    const length = (LENGTHS[index] ?? 0) + input.take(LENGTH_BITS[index] ?? 0);
    const distanceSymbol = input.decode(distances);
    if (distanceSymbol >= DISTANCE_SYMBOLS) input.fail(`distance symbol ${distanceSymbol}`);
    const distance = (DISTANCES[distanceSymbol] ?? 0) + input.take(DISTANCE_BITS[distanceSymbol] ?? 0);
    if (distance > output.length - windowStart) input.fail(`a match from ${distance} bytes ago`);
    output.copyMatch(distance, length);
  }
}

/** A canonical Huffman code: codes of one length are consecutive, in the order of their symbols. RFC 1951, 3.2.2. */
class HuffmanCode {
  /** Whether every sequence of bits begins with a code. */
  readonly isComplete: boolean;
  /** Whether there is at most one code, and that of one bit: the one incomplete code that zlib accepts. */
  readonly isSingle: boolean;
  /** How many codes there are of each length, and their symbols by ascending code. */
  readonly counts = new Uint16Array(MAX_CODE_BITS + 1);
  readonly symbols: Uint16Array;
  /** By the next bits of input: `symbol << 4 | length`; 0 if there is no code of up to QUICK_BITS. */
  readonly quick = new Uint16Array(1 << QUICK_BITS);

  /** @param lengths - of the codes, by symbol, in bits; 0 if a symbol has none */
  constructor(lengths: Uint8Array) {
    const { counts } = this;
    for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
    counts[0] = 0;
    /** Where the symbols of each length begin, and the first code of each length. */
    const starts = new Uint16Array(MAX_CODE_BITS + 2);
    const codes = new Uint32Array(MAX_CODE_BITS + 2);
    let unused = 1;
    let longest = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length += 1) {
      const count = counts[length] ?? 0;
      unused = unused * 2 - count;
      if (count > 0) longest = length;
      if (unused < 0) break;
      starts[length + 1] = (starts[length] ?? 0) + count;
      codes[length + 1] = ((codes[length] ?? 0) + count) << 1;
    }
    this.isComplete = unused === 0;
    this.isSingle = unused > 0 && longest <= 1;
    this.symbols = new Uint16Array(lengths.length);
    if (unused < 0) return;
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      const length = lengths[symbol] ?? 0;
      if (length === 0) continue;
      this.symbols[starts[length] ?? 0] = symbol;
      starts[length] = (starts[length] ?? 0) + 1;
      const code = codes[length] ?? 0;
      codes[length] = code + 1;
      if (length > QUICK_BITS) continue;
      const step = 1 << length;
      for (let bits = reverseBits(code, length); bits < this.quick.length; bits += step)
        this.quick[bits] = (symbol << 4) | length;
    }
  }
}

/** Codes are sent from their highest bit on, everything else from its lowest bit on. */
function reverseBits(code: number, count: number): number {
  let reversed = 0;
  for (let bit = 0; bit < count; bit += 1) reversed |= ((code >> bit) & 1) << (count - 1 - bit);
  return reversed;
}

/** Reads bits, from the lowest bit of each byte on. */
class BitReader {
  readonly file: BoundedBytes;
  readonly #bytes: Uint8Array;
  /** The offset of the next byte to be loaded. */
  #next: number;
  /** Bits that were loaded and not taken; those above `#count` are 0. */
  #bits = 0;
  #count = 0;

  constructor(file: BoundedBytes, start: number) {
    this.file = file;
    this.#bytes = file.bytes;
    this.#next = start;
  }

  fail(seen: string): never {
    this.file.fail(seen, this.#next);
  }

  /** Takes up to 16 bits. */
  take(count: number): number {
    this.#load();
    const value = this.#bits & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  /** Takes a code; returns its symbol. */
  decode(code: HuffmanCode): number {
    this.#load();
    const entry = code.quick[this.#bits & ((1 << QUICK_BITS) - 1)] ?? 0;
    if (entry === 0) return this.#decodeBitByBit(code);
    this.#drop(entry & 15);
    return entry >> 4;
  }

  #decodeBitByBit({ counts, symbols }: HuffmanCode): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length += 1) {
      code = (code << 1) | ((this.#bits >> (length - 1)) & 1);
      const count = counts[length] ?? 0;
      if (code - first < count) {
        this.#drop(length);
        return symbols[index + code - first] ?? 0;
      }
      index += count;
      first = (first + count) << 1;
    }
    return this.fail('bits that are no code');
  }

  /** The offset of the first byte of which no bit was taken. */
  byteOffset(): number {
    return this.#next - (this.#count >> 3);
  }

  continueAt(offset: number): void {
    this.#next = offset;
    this.#bits = 0;
    this.#count = 0;
  }

  /** Loads at least 16 bits, or up to the end of the input. */
  #load(): void {
    while (this.#count < 16 && this.#next < this.#bytes.length) {
      this.#bits |= (this.#bytes[this.#next] ?? 0) << this.#count;
      this.#next += 1;
      this.#count += 8;
    }
  }

  #drop(count: number): void {
    if (count > this.#count) this.fail('the stream ends too soon');
    this.#bits >>>= count;
    this.#count -= count;
  }
}
