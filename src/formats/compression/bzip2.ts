/**
 * bzip2, after the description in the manual and sources of bzip2 1.0 (BSD licence): run lengths, the Burrows-Wheeler
 * transform, move-to-front, and Huffman codes, most significant bit first.
 */
import { BoundedBytes } from '../../base/bytes.js';
import {
  type BoundedOutput,
  compressionBlame,
  copyWithinOutput,
  decodeMembers,
  type OutputBound,
  runDecoder,
} from './bounded-output.js';
import { bzip2Crc } from './checksums.js';

/** The magics of a block (pi) and of the end of the stream (sqrt(pi)), 48 bits each. */
const BLOCK_MAGIC = [0x314159, 0x265359];
const END_MAGIC = [0x177245, 0x385090];

/** The most bytes of a block, for each level from 1 to 9. */
const LEVEL_BYTES = 100_000;
const MAX_CODE_LENGTH = 20;
/** The number of symbols that share a table of codes. */
const GROUP_SIZE = 50;
/** The two digits of run lengths. */
const RUN_A = 0;
const RUN_B = 1;

/**
 * Decompresses a bzip2 file of one or more streams. Bytes after them are ignored.
 *
 * @throws KexecError `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export function decompressBzip2(bytes: Uint8Array, bound: OutputBound): Uint8Array {
  const file = new BoundedBytes(bytes, compressionBlame('bzip2'));
  if (!isStream(bytes, 0)) file.fail('it does not begin with "BZh" and a digit', 0);
  return runDecoder(bound, (output) => {
    // One table for all streams: each may be short, and the table has a word for every byte of the longest block.
    const table = new Uint32Array(9 * LEVEL_BYTES);
    const isMember = (at: number): boolean => isStream(bytes, at);
    return decodeMembers({ file, isMember, decode: (at) => decodeStream(file, at, table, output) }, bound);
  });
}

function isStream(bytes: Uint8Array, at: number): boolean {
  const level = bytes[at + 3] ?? 0;
  return (
    bytes[at] === 0x42 && bytes[at + 1] === 0x5a && bytes[at + 2] === 0x68 && level > 0x30 && level <= 0x39
  );
}

/** @returns the end of the stream, in bytes */
function decodeStream(
  file: BoundedBytes,
  start: number,
  largestTable: Uint32Array,
  output: BoundedOutput,
): number {
  const bits = new BitReader(file, start + 4);
  const table = largestTable.subarray(0, (file.u8(start + 3) - 0x30) * LEVEL_BYTES);
  let streamCrc = 0;
  for (;;) {
    const magic = [bits.take(24), bits.take(24)];
    const crc = (bits.take(16) * 0x10000 + bits.take(16)) >>> 0;
    if (magic[0] === END_MAGIC[0] && magic[1] === END_MAGIC[1]) {
      if (crc !== streamCrc) bits.fail('the CRC of the stream does not match');
      return bits.byteOffset;
    }
    if (magic[0] !== BLOCK_MAGIC[0] || magic[1] !== BLOCK_MAGIC[1])
      bits.fail('there is neither a block nor the end of the stream');
    const from = output.length;
    decodeBlock(bits, table, output);
    if (bzip2Crc(output.bytes.subarray(from, output.length)) !== crc)
      bits.fail('the CRC of a block does not match');
    streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
  }
}

function decodeBlock(bits: BitReader, table: Uint32Array, output: BoundedOutput): void {
  if (bits.take(1) !== 0) bits.fail('a block is randomised, as by bzip2 before 0.9.5');
  const origin = bits.take(24);
  const symbols = readSymbolsUsed(bits);
  const groups = readGroups(bits);
  const codes = readCodes(bits, groups.count, symbols.length + 2);
  const count = decodeSymbols(bits, table, symbols, groups.selectors, codes);
  if (origin >= count) bits.fail(`a block of ${count} bytes begins at byte ${origin}`);
  invertTransform(table, count);
  writeRuns(table, origin, count, output);
}

/** Reads the bytes that occur: 16 bits for the ranges of 16 bytes, then 16 bits for each range that is used. */
function readSymbolsUsed(bits: BitReader): Uint8Array {
  const used: number[] = [];
  const ranges = bits.take(16);
  for (let range = 0; range < 16; range += 1) {
    if (((ranges >> (15 - range)) & 1) === 0) continue;
    const members = bits.take(16);
    for (let member = 0; member < 16; member += 1) {
      if (((members >> (15 - member)) & 1) !== 0) used.push(range * 16 + member);
    }
  }
  if (used.length === 0) bits.fail('a block has no symbols');
  return Uint8Array.from(used);
}

/** Reads the table of each group of 50 symbols: positions in a move-to-front list, in unary. */
function readGroups(bits: BitReader): { readonly count: number; readonly selectors: Uint8Array } {
  const count = bits.take(3);
  if (count < 2 || count > 6) bits.fail(`there are ${count} tables of codes, not 2 to 6`);
  const selectors = new Uint8Array(bits.take(15));
  if (selectors.length === 0) bits.fail('there are no selectors');
  const order = [0, 1, 2, 3, 4, 5];
  for (let index = 0; index < selectors.length; index += 1) {
    let position = 0;
    while (bits.take(1) === 1) {
      position += 1;
      if (position >= count) bits.fail('a selector refers to a missing table');
    }
    const [selected = 0] = order.splice(position, 1);
    order.unshift(selected);
    selectors[index] = selected;
  }
  return { count, selectors };
}

/** A canonical Huffman code. */
interface HuffmanCode {
  /** The length of the shortest code, in bits. */
  readonly minLength: number;
  /** The highest code of each length; lower than any code if there is none. */
  readonly limits: Int32Array;
  /** The difference between the index of a symbol and its code, for each length. */
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
}

function readCodes(bits: BitReader, count: number, alphabet: number): HuffmanCode[] {
  return Array.from({ length: count }, () => {
    const lengths = new Uint8Array(alphabet);
    let length = bits.take(5);
    for (let symbol = 0; symbol < alphabet; symbol += 1) {
      for (;;) {
        if (length < 1 || length > MAX_CODE_LENGTH) bits.fail(`a code has ${length} bits`);
        if (bits.take(1) === 0) break;
        length += bits.take(1) === 0 ? 1 : -1;
      }
      lengths[symbol] = length;
    }
    return buildCode(lengths);
  });
}

function buildCode(lengths: Uint8Array): HuffmanCode {
  const limits = new Int32Array(MAX_CODE_LENGTH + 2).fill(-1);
  const bases = new Int32Array(MAX_CODE_LENGTH + 2);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let placed = 0;
  for (let length = 1; length <= MAX_CODE_LENGTH; length += 1) {
    bases[length] = placed - code;
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      symbols[placed++] = symbol;
      code += 1;
    }
    limits[length] = code - 1;
    code <<= 1;
  }
  return { minLength: Math.min(...lengths), limits, bases, symbols };
}

/** Decodes Huffman codes, runs and move-to-front into the last column of the sorted block. @returns its length */
function decodeSymbols(
  bits: BitReader,
  table: Uint32Array,
  used: Uint8Array,
  selectors: Uint8Array,
  codes: readonly HuffmanCode[],
): number {
  const order = used.slice();
  const end = used.length + 1;
  let count = 0;
  let selector = 0;
  let left = 0;
  let code = codes[0] as HuffmanCode;
  let run = 0;
  let runBit = 1;
  for (;;) {
    if (left === 0) {
      if (selector >= selectors.length) bits.fail('there are more symbols than selectors');
      code = codes[selectors[selector++] as number] as HuffmanCode;
      left = GROUP_SIZE;
    }
    left -= 1;
    const symbol = bits.takeSymbol(code);
    if (symbol <= RUN_B) {
      run += symbol === RUN_A ? runBit : 2 * runBit;
      runBit *= 2;
      if (run > table.length) bits.fail('a run is longer than the block');
      continue;
    }
    if (run > 0) {
      if (count + run > table.length) bits.fail('a block has more bytes than its size');
      table.fill(order[0] as number, count, count + run);
      count += run;
      run = 0;
      runBit = 1;
    }
    if (symbol === end) return count;
    if (count >= table.length) bits.fail('a block has more bytes than its size');
    const position = symbol - 1;
    const byte = order[position] as number;
    order.copyWithin(1, 0, position);
    order[0] = byte;
    table[count++] = byte;
  }
}

/** Inverts the Burrows-Wheeler transform: stores the index of the next byte in the upper 24 bits of each entry. */
function invertTransform(table: Uint32Array, count: number): void {
  const starts = new Uint32Array(256);
  for (let at = 0; at < count; at += 1) {
    const byte = (table[at] as number) & 0xff;
    starts[byte] = (starts[byte] as number) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const occurrences = starts[byte] as number;
    starts[byte] = sum;
    sum += occurrences;
  }
  for (let at = 0; at < count; at += 1) {
    const byte = (table[at] as number) & 0xff;
    const to = starts[byte] as number;
    starts[byte] = to + 1;
    table[to] = (table[to] as number) | (at << 8);
  }
}

/** Writes the bytes of the block. Four equal bytes are followed by the number of further ones. */
function writeRuns(table: Uint32Array, origin: number, count: number, output: BoundedOutput): void {
  const { bytes } = output;
  let to = output.length;
  let entry = table[origin] as number;
  let same = 0;
  let last = -1;
  for (let left = count; left > 0; left -= 1) {
    entry = table[entry >>> 8] as number;
    const byte = entry & 0xff;
    if (same === 4) {
      const fits = Math.min(byte, bytes.length - to);
      if (fits > 0) copyWithinOutput(bytes, to, 1, fits);
      to += fits;
      same = 0;
      last = -1;
      if (fits === byte) continue;
    } else if (to < bytes.length) {
      bytes[to++] = byte;
      same = byte === last ? same + 1 : 1;
      last = byte;
      continue;
    }
    output.length = to;
    output.overflow();
  }
  output.length = to;
}

class BitReader {
  readonly #file: BoundedBytes;
  readonly #bytes: Uint8Array;
  #at: number;
  /** The lowest `#count` bits were read ahead. */
  #buffer = 0;
  #count = 0;

  constructor(file: BoundedBytes, at: number) {
    this.#file = file;
    this.#bytes = file.bytes;
    this.#at = at;
  }

  /** The offset of the next whole byte. */
  get byteOffset(): number {
    return this.#at - (this.#count >> 3);
  }

  /** Takes 1 to 24 bits. */
  take(count: number): number {
    this.#fill(count);
    this.#count -= count;
    return (this.#buffer >>> this.#count) & ((1 << count) - 1);
  }

  /** Takes a code. @returns its symbol */
  takeSymbol({ minLength, limits, bases, symbols }: HuffmanCode): number {
    let length = minLength;
    this.#fill(length);
    let value = (this.#buffer >>> (this.#count - length)) & ((1 << length) - 1);
    while (value > (limits[length] as number)) {
      length += 1;
      if (length > MAX_CODE_LENGTH) this.fail('the bits are no code');
      if (this.#count < length) this.#fill(length);
      value = (this.#buffer >>> (this.#count - length)) & ((1 << length) - 1);
    }
    this.#count -= length;
    const symbol = symbols[value + (bases[length] as number)];
    return symbol ?? this.fail('the bits are no code');
  }

  fail(seen: string): never {
    return this.#file.fail(seen, this.byteOffset);
  }

  #fill(count: number): void {
    while (this.#count < count) {
      if (this.#at >= this.#bytes.length) this.fail('the data ends too soon');
      this.#buffer = (this.#buffer << 8) | (this.#bytes[this.#at++] as number);
      this.#count += 8;
    }
  }
}
