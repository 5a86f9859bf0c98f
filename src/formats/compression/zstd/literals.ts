import type { BoundedBytes } from '../../../base/bytes.js';
import { BackwardBits } from './backward-bits.js';
import { readFseTable } from './fse.js';

/** A Huffman code as a table: by the next bits, the symbol and how many bits it has. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly symbols: Uint8Array;
  readonly lengths: Uint8Array;
}

export interface Literals {
  readonly bytes: Uint8Array;
  /** Where the section ends. */
  readonly end: number;
  /** The code that a later block may use again. */
  readonly table: HuffmanTable | undefined;
}

const MAX_BITS = 11;
const WEIGHT_ACCURACY = 6;
const MAX_WEIGHTS = 255;

/** Reads the literals section of a block: RFC 8878, section 3.1.1.3.1. */
export function readLiterals(
  file: BoundedBytes,
  start: number,
  end: number,
  last: HuffmanTable | undefined,
  limit: number,
): Literals {
  const first = file.u8(start);
  const type = first & 3;
  const format = (first >> 2) & 3;
  return type < 2
    ? readPlain(file, start, end, type === 1, format, last, limit)
    : readCompressed(file, start, end, type === 3, format, last, limit);
}

function readPlain(
  file: BoundedBytes,
  start: number,
  end: number,
  isRun: boolean,
  format: number,
  table: HuffmanTable | undefined,
  limit: number,
): Literals {
  const headerSize = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
  const size = number(file, start, headerSize) >> (headerSize === 1 ? 3 : 4);
  checkSize(file, start, size, limit);
  const from = start + headerSize;
  const dataEnd = from + (isRun ? 1 : size);
  if (dataEnd > end) file.fail('literals leave the block', start);
  const bytes = isRun ? new Uint8Array(size).fill(file.u8(from)) : file.slice(from, size, 'literals');
  return { bytes, end: dataEnd, table };
}

function readCompressed(
  file: BoundedBytes,
  start: number,
  end: number,
  usesLast: boolean,
  format: number,
  last: HuffmanTable | undefined,
  limit: number,
): Literals {
  const [headerSize, width] = (
    [
      [3, 10],
      [3, 10],
      [4, 14],
      [5, 18],
    ] as const
  )[format as 0 | 1 | 2 | 3];
  const header = number(file, start, headerSize);
  const size = Math.floor(header / 16) % (1 << width);
  const compressedSize = Math.floor(header / 16 / (1 << width)) % (1 << width);
  checkSize(file, start, size, limit);
  let from = start + headerSize;
  const dataEnd = from + compressedSize;
  if (dataEnd > end) file.fail('literals leave the block', start);

  let table = last;
  if (!usesLast) {
    const read = readHuffmanTable(file, from, dataEnd);
    table = read.table;
    from = read.end;
  }
  if (table === undefined) return file.fail('literals by a code that no block before has', start);
  const bytes = new Uint8Array(size);
  if (format === 0) {
    decodeStream(file, from, dataEnd, table, bytes);
  } else {
    decodeFourStreams(file, from, dataEnd, table, bytes);
  }
  return { bytes, end: dataEnd, table };
}

function checkSize(file: BoundedBytes, start: number, size: number, limit: number): void {
  if (size > limit) file.fail(`${size} literals in a block`, start);
}

function number(file: BoundedBytes, start: number, size: number): number {
  return file.slice(start, size, 'the header of literals').reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function decodeFourStreams(
  file: BoundedBytes,
  start: number,
  end: number,
  table: HuffmanTable,
  bytes: Uint8Array,
): void {
  if (end - start < 6) file.fail('no room for the sizes of four streams', start);
  const quarter = (bytes.length + 3) >> 2;
  if (quarter * 3 > bytes.length) file.fail('four streams for too few literals', start);
  let from = start + 6;
  for (let stream = 0; stream < 4; stream += 1) {
    const to = stream < 3 ? from + file.u16le(start + 2 * stream) : end;
    if (to > end) file.fail('a stream of literals leaves its section', start);
    decodeStream(
      file,
      from,
      to,
      table,
      bytes.subarray(stream * quarter, stream < 3 ? (stream + 1) * quarter : undefined),
    );
    from = to;
  }
}

function decodeStream(
  file: BoundedBytes,
  start: number,
  end: number,
  { maxBits, symbols, lengths }: HuffmanTable,
  bytes: Uint8Array,
): void {
  const bits = new BackwardBits(file, start, end);
  for (let at = 0; at < bytes.length; at += 1) {
    const index = bits.peek(maxBits);
    bytes[at] = symbols[index] as number;
    bits.left -= lengths[index] as number;
  }
  bits.finish();
}

/** Section 4.2.1: the weights of all symbols but the last, which follows from them. */
function readHuffmanTable(
  file: BoundedBytes,
  start: number,
  end: number,
): { readonly table: HuffmanTable; readonly end: number } {
  if (start >= end) file.fail('a Huffman code is missing', start);
  const header = file.u8(start);
  const size = header < 128 ? header : (header - 127 + 1) >> 1;
  const tableEnd = start + 1 + size;
  if (tableEnd > end) file.fail('a Huffman code leaves its section', start);
  const weights =
    header < 128
      ? readCodedWeights(file, start + 1, tableEnd)
      : readPlainWeights(file, start + 1, header - 127);
  return { table: buildHuffmanTable(file, start, weights), end: tableEnd };
}

function readPlainWeights(file: BoundedBytes, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const byte = file.u8(start + (index >> 1));
    return index % 2 === 0 ? byte >> 4 : byte & 15;
  });
}

/** Two states take turns until the bits are used up. */
function readCodedWeights(file: BoundedBytes, start: number, end: number): number[] {
  const { table, end: from } = readFseTable(file, start, end, MAX_BITS + 1, WEIGHT_ACCURACY);
  const bits = new BackwardBits(file, from, end);
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
    if (weights.length >= MAX_WEIGHTS) file.fail('a Huffman code with more weights than there are', start);
  }
  return weights;
}

function buildHuffmanTable(file: BoundedBytes, start: number, weights: readonly number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_BITS + 1) file.fail(`a weight of ${weight}`, start);
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0) file.fail('a Huffman code without weights', start);
  const maxBits = 32 - Math.clz32(sum);
  const left = (1 << maxBits) - sum;
  if (maxBits > MAX_BITS || weights.length > MAX_WEIGHTS || (left & (left - 1)) !== 0) {
    file.fail('weights that make no Huffman code', start);
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
