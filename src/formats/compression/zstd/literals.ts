import type { BoundedBytes } from '../../../base/bytes.js';
import { BackwardBits } from './backward-bits.js';
import { readFseTable } from './fse.js';
import type { Section } from './section.js';

/** A Huffman code as a table: the symbol and the length of its code, by the next `maxBits` bits. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly symbols: Uint8Array;
  readonly lengths: Uint8Array;
}

/** The literals of a block. */
export interface Literals {
  readonly bytes: Uint8Array;
  /** The end of the section. */
  readonly end: number;
  /** The Huffman table, which a later block may use again. */
  readonly table: HuffmanTable | undefined;
}

const MAX_BITS = 11;
const WEIGHT_ACCURACY = 6;
const MAX_WEIGHTS = 255;

/** Types of the section. */
const RAW = 0;
const RUN = 1;
const WITHOUT_TABLE = 3;

/** Sizes of the header in bytes, and of each of its two sizes in bits, by the format of a compressed section. */
const COMPRESSED_HEADERS = [
  [3, 10],
  [3, 10],
  [4, 14],
  [5, 18],
] as const;

/**
 * Reads the literals section of a block: RFC 8878, section 3.1.1.3.1.
 *
 * @param block - the block, which begins with the section
 * @param last - the Huffman table of the blocks before
 * @param limit - the most literals, in bytes
 */
export function readLiterals(block: Section, last: HuffmanTable | undefined, limit: number): Literals {
  const first = block.file.u8(block.start);
  const type = first & 3;
  const format = (first >> 2) & 3;
  if (type === RAW || type === RUN) return { ...readPlain(block, type, format, limit), table: last };
  const { size, section } = readCompressedHeader(block, format as 0 | 1 | 2 | 3, limit);
  const { file, start, end } = section;

  const read = type === WITHOUT_TABLE ? { table: last, end: start } : readHuffmanTable(section);
  const { table } = read;
  if (table === undefined)
    return file.fail('literals use the code of an earlier block, and there is none', block.start);
  const bytes = new Uint8Array(size);
  const streams = { file, start: read.end, end };
  if (format === 0) decodeStream(streams, table, bytes);
  else decodeFourStreams(streams, table, bytes);
  return { bytes, end, table };
}

function readPlain(
  { file, start, end }: Section,
  type: typeof RAW | typeof RUN,
  format: number,
  limit: number,
): Omit<Literals, 'table'> {
  const headerSize = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
  const size = readNumber(file, start, headerSize) >> (headerSize === 1 ? 3 : 4);
  checkSize(file, start, size, limit);
  const from = start + headerSize;
  const dataEnd = from + (type === RUN ? 1 : size);
  if (dataEnd > end) file.fail('literals leave the block', start);
  const bytes = type === RUN ? new Uint8Array(size).fill(file.u8(from)) : file.slice(from, size, 'literals');
  return { bytes, end: dataEnd };
}

/** Reads the number of literals, and finds their compressed data. */
function readCompressedHeader(
  { file, start, end }: Section,
  format: 0 | 1 | 2 | 3,
  limit: number,
): { readonly size: number; readonly section: Section } {
  const [headerSize, width] = COMPRESSED_HEADERS[format];
  const header = readNumber(file, start, headerSize);
  const size = Math.floor(header / 16) % (1 << width);
  const compressedSize = Math.floor(header / 16 / (1 << width)) % (1 << width);
  checkSize(file, start, size, limit);
  const from = start + headerSize;
  if (from + compressedSize > end) file.fail('literals leave the block', start);
  return { size, section: { file, start: from, end: from + compressedSize } };
}

function checkSize(file: BoundedBytes, start: number, size: number, limit: number): void {
  if (size > limit) file.fail(`a block has ${size} literals; the limit is ${limit}`, start);
}

/** Reads a little-endian number. */
function readNumber(file: BoundedBytes, start: number, size: number): number {
  return file.slice(start, size, 'the header of literals').reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function decodeFourStreams({ file, start, end }: Section, table: HuffmanTable, bytes: Uint8Array): void {
  if (end - start < 6) file.fail('no room for the sizes of four streams', start);
  const quarter = (bytes.length + 3) >> 2;
  if (quarter * 3 > bytes.length) file.fail('there are four streams for too few literals', start);
  let from = start + 6;
  for (let stream = 0; stream < 4; stream += 1) {
    const to = stream < 3 ? from + file.u16le(start + 2 * stream) : end;
    if (to > end) file.fail('a stream of literals leaves its section', start);
    const part = bytes.subarray(stream * quarter, stream < 3 ? (stream + 1) * quarter : undefined);
    decodeStream({ file, start: from, end: to }, table, part);
    from = to;
  }
}

function decodeStream(stream: Section, { maxBits, symbols, lengths }: HuffmanTable, bytes: Uint8Array): void {
  const bits = new BackwardBits(stream);
  for (let at = 0; at < bytes.length; at += 1) {
    const index = bits.peek(maxBits);
    bytes[at] = symbols[index] as number;
    bits.left -= lengths[index] as number;
  }
  bits.finish();
}

/** Reads a Huffman table: section 4.2.1. The weight of the last symbol follows from the others. */
function readHuffmanTable({ file, start, end }: Section): {
  readonly table: HuffmanTable;
  readonly end: number;
} {
  if (start >= end) file.fail('a Huffman code is missing', start);
  const header = file.u8(start);
  const size = header < 128 ? header : (header - 127 + 1) >> 1;
  const tableEnd = start + 1 + size;
  if (tableEnd > end) file.fail('a Huffman code leaves its section', start);
  const weights =
    header < 128
      ? readCodedWeights({ file, start: start + 1, end: tableEnd })
      : readPlainWeights(file, start + 1, header - 127);
  return { table: buildHuffmanTable(file, start, weights), end: tableEnd };
}

function readPlainWeights(file: BoundedBytes, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const byte = file.u8(start + (index >> 1));
    return index % 2 === 0 ? byte >> 4 : byte & 15;
  });
}

/** Decodes weights by two states that alternate until the bits are used up. */
function readCodedWeights({ file, start, end }: Section): number[] {
  const { table, end: from } = readFseTable({ file, start, end }, MAX_BITS + 1, WEIGHT_ACCURACY);
  const bits = new BackwardBits({ file, start: from, end });
  const states = [bits.take(table.accuracy), bits.take(table.accuracy)];
  bits.check();
  const weights: number[] = [];
  for (let turn = 0; ; turn ^= 1) {
    const state = states[turn] as number;
    weights.push(table.symbols[state] as number);
    const next = (table.bases[state] as number) + bits.take(table.bits[state] as number);
    if (bits.left < 0) {
      weights.push(table.symbols[states[turn ^ 1] as number] as number);
      break;
    }
    states[turn] = next;
    if (weights.length >= MAX_WEIGHTS) file.fail('a Huffman code has more than 255 weights', start);
  }
  return weights;
}

function buildHuffmanTable(file: BoundedBytes, start: number, weights: readonly number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_BITS + 1) file.fail(`a Huffman code has a weight of ${weight}`, start);
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0) file.fail('a Huffman code has no weights', start);
  const maxBits = 32 - Math.clz32(sum);
  const left = (1 << maxBits) - sum;
  if (maxBits > MAX_BITS || weights.length > MAX_WEIGHTS || (left & (left - 1)) !== 0) {
    file.fail('the weights form no Huffman code', start);
  }
  const all = [...weights, 32 - Math.clz32(left)];
  const symbols = new Uint8Array(1 << maxBits);
  const lengths = new Uint8Array(1 << maxBits);
  let at = 0;
  for (let weight = 1; weight <= maxBits; weight += 1) {
    all.forEach((own, symbol) => {
      if (own !== weight) return;
      const to = at + (1 << (weight - 1));
      symbols.fill(symbol, at, to);
      lengths.fill(maxBits + 1 - weight, at, to);
      at = to;
    });
  }
  return { maxBits, symbols, lengths };
}
