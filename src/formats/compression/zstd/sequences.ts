import type { BoundedOutput } from '../bounded-output.js';
import { BackwardBits } from './backward-bits.js';
import { buildFseTable, buildRleTable, type FseTable, readFseTable } from './fse.js';
import type { Section } from './section.js';

/** The state that the blocks of a frame share: tables for blocks without their own, and the last three offsets. */
export interface SequenceState {
  tables: { literals?: FseTable; offsets?: FseTable; matches?: FseTable };
  offsets: [number, number, number];
}

/** One of the three codes of a sequence: RFC 8878, section 3.1.1.3.2.1. */
interface CodeKind {
  readonly key: 'literals' | 'offsets' | 'matches';
  readonly maxSymbol: number;
  readonly maxAccuracy: number;
  readonly predefined: FseTable;
}

const LITERAL_LENGTHS: CodeKind = {
  key: 'literals',
  maxSymbol: 35,
  maxAccuracy: 9,
  predefined: buildFseTable(
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
  predefined: buildFseTable(
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
    5,
  ),
};

const MATCH_LENGTHS: CodeKind = {
  key: 'matches',
  maxSymbol: 52,
  maxAccuracy: 9,
  predefined: buildFseTable(
    [
      1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
    6,
  ),
};

/** Extra bits of each code. The number that they are added to follows from them: codes cover consecutive values. */
const LITERAL_BITS = bitsOf([16, 0], [4, 1], [2, 2], [2, 3], 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const MATCH_BITS = bitsOf([32, 0], [4, 1], [2, 2], [2, 3], [2, 4], 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const LITERAL_BASES = basesOf(LITERAL_BITS, 0);
const MATCH_BASES = basesOf(MATCH_BITS, 3);

/** A larger code is an offset beyond everything that can be decompressed. */
const MAX_OFFSET_CODE = 30;

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

/** Reads the sequences section of a block, and executes the sequences. */
export function runSequences(
  section: Section,
  literals: Uint8Array,
  state: SequenceState,
  output: BoundedOutput,
): void {
  const { file, start, end } = section;
  let { count, at } = readCount(section);
  if (count === 0) {
    output.append(literals);
    return;
  }
  const { lengths, offsets, matches, end: tablesEnd } = readTables({ file, start: at, end }, state);
  at = tablesEnd;

  const bits = new BackwardBits({ file, start: at, end });
  let lengthState = bits.take(lengths.accuracy);
  let offsetState = bits.take(offsets.accuracy);
  let matchState = bits.take(matches.accuracy);
  let used = 0;
  for (; count > 0; count -= 1) {
    const offsetCode = offsets.symbols[offsetState] as number;
    if (offsetCode > MAX_OFFSET_CODE) file.fail(`an offset has more than ${offsetCode} bits`, start);
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

    if (used + length > literals.length)
      file.fail('a sequence takes more literals than the block has', start);
    output.appendPart(literals, used, length);
    used += length;
    const distance = updateOffsets(state.offsets, offsetValue, length === 0);
    if (distance <= 0 || distance > output.length) file.fail(`a match from ${distance} bytes ago`, start);
    output.copyMatch(distance, match);
  }
  bits.finish();
  output.append(literals.subarray(used));
}

/** Reads the tables of the three codes, and keeps them for later blocks. */
function readTables({ file, start, end }: Section, state: SequenceState) {
  if (start >= end) file.fail('sequences have no modes of their codes', start);
  const modes = file.u8(start);
  if ((modes & 3) !== 0) file.fail('reserved bits in the modes of codes are set', start);
  let at = start + 1;
  const takeTable = (kind: CodeKind, mode: number): FseTable => {
    const read = readTable({ file, start: at, end }, kind, mode, state.tables[kind.key]);
    at = read.end;
    state.tables[kind.key] = read.table;
    return read.table;
  };
  const lengths = takeTable(LITERAL_LENGTHS, modes >> 6);
  const offsets = takeTable(OFFSETS, (modes >> 4) & 3);
  const matches = takeTable(MATCH_LENGTHS, (modes >> 2) & 3);
  return { lengths, offsets, matches, end: at };
}

function takeLong(bits: BackwardBits, count: number): number {
  if (count <= 16) return bits.take(count);
  const high = bits.take(count - 16);
  return high * 0x10000 + bits.take(16);
}

function readCount({ file, start, end }: Section): { count: number; at: number } {
  if (start >= end) file.fail('a block has no sequences section', start);
  const first = file.u8(start);
  if (first < 128) {
    if (first === 0 && start + 1 !== end) file.fail('bytes follow a block without sequences', start);
    return { count: first, at: start + 1 };
  }
  const size = first < 255 ? 2 : 3;
  if (start + size > end) file.fail('the number of sequences leaves the block', start);
  const count = first < 255 ? (first - 128) * 256 + file.u8(start + 1) : file.u16le(start + 1) + 0x7f00;
  return { count, at: start + size };
}

/** Mode 0: the predefined table; 1: one symbol; 2: a table of its own; 3: the table of an earlier block. */
function readTable(
  section: Section,
  { maxSymbol, maxAccuracy, predefined }: CodeKind,
  mode: number,
  last: FseTable | undefined,
): { readonly table: FseTable; readonly end: number } {
  const { file, start: at, end } = section;
  if (mode === 0) return { table: predefined, end: at };
  if (mode === 2) return readFseTable(section, maxSymbol, maxAccuracy);
  if (mode === 3)
    return { table: last ?? file.fail('a code of an earlier block is used, and there is none', at), end: at };
  if (at >= end || file.u8(at) > maxSymbol) file.fail('the symbol of a code is missing or invalid', at);
  return { table: buildRleTable(file.u8(at)), end: at + 1 };
}

/** Section 3.1.1.5: values up to 3 are the last three offsets, shifted by one if there are no literals. */
function updateOffsets(last: [number, number, number], value: number, noLiterals: boolean): number {
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
