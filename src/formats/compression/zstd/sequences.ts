import type { BoundedBytes } from '../../../base/bytes.js';
import type { BoundedOutput } from '../bounded-output.js';
import { BackwardBits } from './backward-bits.js';
import { buildFseTable, buildRleTable, type FseTable, readFseTable } from './fse.js';

/** What blocks of a frame hand on: the tables for a block that has none of its own, and the last three offsets. */
export interface SequenceState {
  tables: { literals?: FseTable; offsets?: FseTable; matches?: FseTable };
  offsets: [number, number, number];
}

/** One of the three codes that a sequence is made of: RFC 8878, section 3.1.1.3.2.1. */
interface CodeKind {
  readonly key: 'literals' | 'offsets' | 'matches';
  readonly maxSymbol: number;
  readonly maxAccuracy: number;
  readonly usual: FseTable;
}

const LITERAL_LENGTHS: CodeKind = {
  key: 'literals',
  maxSymbol: 35,
  maxAccuracy: 9,
  usual: buildFseTable(
    [
      4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1,
      -1, -1,
    ],
    6,
  ),
};

const OFFSETS: CodeKind = {
  key: 'offsets',
  maxSymbol: 31,
  maxAccuracy: 8,
  usual: buildFseTable(
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
    5,
  ),
};

const MATCH_LENGTHS: CodeKind = {
  key: 'matches',
  maxSymbol: 52,
  maxAccuracy: 9,
  usual: buildFseTable(
    [
      1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
    6,
  ),
};

/** Extra bits of each code; what they are added to follows: each code begins where the one before ends. */
const LITERAL_BITS = bitsOf([16, 0], [4, 1], [2, 2], [2, 3], 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const MATCH_BITS = bitsOf([32, 0], [4, 1], [2, 2], [2, 3], [2, 4], 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const LITERAL_BASES = basesOf(LITERAL_BITS, 0);
const MATCH_BASES = basesOf(MATCH_BITS, 3);

/** The longest offset code whose offset can lie within what can be decompressed. */
const LARGEST_OFFSET_CODE = 30;

function bitsOf(...runs: readonly (number | readonly [count: number, bits: number])[]): Uint8Array {
  return Uint8Array.from(
    runs.flatMap((run) => (typeof run === 'number' ? [run] : new Array<number>(run[0]).fill(run[1]))),
  );
}

function basesOf(bits: Uint8Array, first: number): Uint32Array {
  let base = first;
  return Uint32Array.from(bits, (count) => {
    const own = base;
    base += 1 << count;
    return own;
  });
}

/** Reads the sequences section of a block, and carries the sequences out. */
export function runSequences(
  file: BoundedBytes,
  start: number,
  end: number,
  literals: Uint8Array,
  state: SequenceState,
  output: BoundedOutput,
): void {
  let { count, at } = readCount(file, start, end);
  if (count === 0) {
    output.append(literals);
    return;
  }
  if (at >= end) file.fail('sequences without the modes of their codes', start);
  const modes = file.u8(at);
  if ((modes & 3) !== 0) file.fail('reserved bits in the modes of codes', at);
  at += 1;
  const tableFor = (kind: CodeKind, mode: number): FseTable => {
    const read = readTable(file, at, end, kind, mode, state.tables[kind.key]);
    at = read.end;
    state.tables[kind.key] = read.table;
    return read.table;
  };
  const lengths = tableFor(LITERAL_LENGTHS, modes >> 6);
  const offsets = tableFor(OFFSETS, (modes >> 4) & 3);
  const matches = tableFor(MATCH_LENGTHS, (modes >> 2) & 3);

  const bits = new BackwardBits(file, at, end);
  let lengthState = bits.take(lengths.accuracy);
  let offsetState = bits.take(offsets.accuracy);
  let matchState = bits.take(matches.accuracy);
  let used = 0;
  for (; count > 0; count -= 1) {
    const offsetCode = offsets.symbols[offsetState] as number;
    if (offsetCode > LARGEST_OFFSET_CODE) file.fail(`an offset of more than ${offsetCode} bits`, start);
    const offsetValue = (1 << offsetCode) + takeLong(bits, offsetCode);
    const matchCode = matches.symbols[matchState] as number;
    const match = (MATCH_BASES[matchCode] as number) + bits.take(MATCH_BITS[matchCode] as number);
    const lengthCode = lengths.symbols[lengthState] as number;
    const length = (LITERAL_BASES[lengthCode] as number) + bits.take(LITERAL_BITS[lengthCode] as number);
    if (count > 1) {
      lengthState = (lengths.bases[lengthState] as number) + bits.take(lengths.bits[lengthState] as number);
      matchState = (matches.bases[matchState] as number) + bits.take(matches.bits[matchState] as number);
      offsetState = (offsets.bases[offsetState] as number) + bits.take(offsets.bits[offsetState] as number);
    }
    bits.check();

    if (used + length > literals.length) file.fail('a sequence takes more literals than there are', start);
    output.appendPart(literals, used, length);
    used += length;
    const distance = nextOffset(state.offsets, offsetValue, length === 0);
    if (distance <= 0 || distance > output.length) file.fail(`a match from ${distance} bytes ago`, start);
    output.copyMatch(distance, match);
  }
  bits.finish();
  output.append(literals.subarray(used));
}

function takeLong(bits: BackwardBits, count: number): number {
  if (count <= 16) return bits.take(count);
  const high = bits.take(count - 16);
  return high * 0x10000 + bits.take(16);
}

function readCount(file: BoundedBytes, start: number, end: number): { count: number; at: number } {
  if (start >= end) file.fail('a block without sequences', start);
  const first = file.u8(start);
  if (first < 128) {
    if (first === 0 && start + 1 !== end) file.fail('bytes behind a block without sequences', start);
    return { count: first, at: start + 1 };
  }
  const size = first < 255 ? 2 : 3;
  if (start + size > end) file.fail('the number of sequences leaves the block', start);
  const count = first < 255 ? (first - 128) * 256 + file.u8(start + 1) : file.u16le(start + 1) + 0x7f00;
  return { count, at: start + size };
}

/** Mode 0: the usual table; 1: one symbol; 2: a table of its own; 3: that of the block before. */
function readTable(
  file: BoundedBytes,
  at: number,
  end: number,
  { maxSymbol, maxAccuracy, usual }: CodeKind,
  mode: number,
  last: FseTable | undefined,
): { readonly table: FseTable; readonly end: number } {
  if (mode === 0) return { table: usual, end: at };
  if (mode === 2) return readFseTable(file, at, end, maxSymbol, maxAccuracy);
  if (mode === 3) return { table: last ?? file.fail('a code that no block before has', at), end: at };
  if (at >= end || file.u8(at) > maxSymbol) file.fail('a symbol that is none', at);
  return { table: buildRleTable(file.u8(at)), end: at + 1 };
}

/** Section 3.1.1.5: values up to 3 stand for the last three offsets, shifted by one where there are no literals. */
function nextOffset(last: [number, number, number], value: number, noLiterals: boolean): number {
  const [first, second, third] = last;
  const index = value > 3 ? 4 : value + (noLiterals ? 1 : 0);
  if (value > 3) {
    last[0] = value - 3;
    last[1] = first;
    last[2] = second;
  } else if (index === 2) {
    last[0] = second;
    last[1] = first;
  } else if (index === 3) {
    last[0] = third;
    last[1] = first;
    last[2] = second;
  } else if (index === 4) {
    last[0] = first - 1;
    last[1] = first;
    last[2] = second;
  }
  return last[0];
}
