import type { BoundedBytes } from '../../../base/bytes.js';

/** A decoding table of Finite State Entropy (RFC 8878, section 4.1): what each state gives, and where it leads. */
export interface FseTable {
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  /** Bits to read for the next state, and what they are added to. */
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** A table with one state, which gives one symbol and reads nothing. */
export function buildRleTable(symbol: number): FseTable {
  return { accuracy: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** The table of a distribution: the probability of each symbol in states; -1 is one state at the end of the table. */
export function buildFseTable(counts: readonly number[], accuracy: number): FseTable {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[high--] = symbol;
    next[symbol] = count === -1 ? 1 : count;
  });

  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let index = 0; index < count; index += 1) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at > high);
    }
  });

  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state += 1) {
    const symbol = symbols[state] as number;
    const number = next[symbol] as number;
    next[symbol] = number + 1;
    const count = accuracy - (31 - Math.clz32(number));
    bits[state] = count;
    bases[state] = (number << count) - size;
  }
  return { accuracy, symbols, bits, bases };
}

/**
 * Reads the description of a table: section 4.1.1.
 *
 * @returns the table, and where its description ends.
 */
export function readFseTable(
  file: BoundedBytes,
  start: number,
  end: number,
  maxSymbol: number,
  maxAccuracy: number,
): { readonly table: FseTable; readonly end: number } {
  let bit = 0;
  const peek = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      const at = start + ((bit + index) >> 3);
      if (at < end) value |= ((file.u8(at) >> ((bit + index) & 7)) & 1) << index;
    }
    return value;
  };
  const take = (count: number): number => {
    const value = peek(count);
    bit += count;
    return value;
  };

  const accuracy = take(4) + 5;
  if (accuracy > maxAccuracy)
    file.fail(`a table of accuracy ${accuracy}, where ${maxAccuracy} is the most`, start);
  const counts: number[] = [];
  let remaining = 1 << accuracy;
  while (remaining > 0) {
    if (counts.length > maxSymbol) file.fail('a table with more symbols than there are', start);
    // A number up to remaining + 1: small ones have a bit less.
    const width = 32 - Math.clz32(remaining + 1);
    const spare = (1 << width) - 1 - (remaining + 1);
    let value = peek(width - 1);
    if (value < spare) {
      bit += width - 1;
    } else {
      value = take(width);
      if (value >= 1 << (width - 1)) value -= spare;
    }
    const count = value - 1;
    remaining -= Math.abs(count);
    counts.push(count);
    if (count === 0) {
      let repeats: number;
      do {
        repeats = take(2);
        for (let index = 0; index < repeats; index += 1) counts.push(0);
        if (counts.length > maxSymbol + 1) file.fail('a table with more symbols than there are', start);
      } while (repeats === 3);
    }
  }
  const tableEnd = start + ((bit + 7) >> 3);
  if (remaining < 0 || tableEnd > end || counts.length > maxSymbol + 1) file.fail('a malformed table', start);
  return { table: buildFseTable(counts, accuracy), end: tableEnd };
}
