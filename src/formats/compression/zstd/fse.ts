import type { Section } from './section.js';

const TOO_MANY_SYMBOLS = 'a table has more symbols than its alphabet';

/** A decoding table of Finite State Entropy (RFC 8878, section 4.1): the symbol of each state, and the next state. */
export interface FseTable {
  /** log2 of the number of states. */
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  /** The number of bits to read for the next state, and the number to add to them. */
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** Builds a table with one state, which yields one symbol and reads no bits. */
export function buildRleTable(symbol: number): FseTable {
  return { accuracy: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/**
 * Builds the table of a distribution.
 *
 * @param counts - the number of states of each symbol; -1 is one state at the end of the table
 */
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
 * @returns the table, and the end of its description
 */
export function readFseTable(
  section: Section,
  maxSymbol: number,
  maxAccuracy: number,
): { readonly table: FseTable; readonly end: number } {
  const { file, start } = section;
  const bits = new ForwardBits(section);
  const accuracy = bits.take(4) + 5;
  if (accuracy > maxAccuracy)
    file.fail(`a table has accuracy ${accuracy}; the limit is ${maxAccuracy}`, start);
  const counts: number[] = [];
  let remaining = 1 << accuracy;
  while (remaining > 0) {
    if (counts.length > maxSymbol) file.fail(TOO_MANY_SYMBOLS, start);
    const count = bits.takeUpTo(remaining + 1) - 1;
    remaining -= Math.abs(count);
    counts.push(count);
    if (count === 0) {
      let repeats: number;
      do {
        repeats = bits.take(2);
        for (let index = 0; index < repeats; index += 1) counts.push(0);
        if (counts.length > maxSymbol + 1) file.fail(TOO_MANY_SYMBOLS, start);
      } while (repeats === 3);
    }
  }
  const end = bits.byteOffset;
  if (remaining < 0 || end > section.end || counts.length > maxSymbol + 1)
    file.fail('a table is malformed', start);
  return { table: buildFseTable(counts, accuracy), end };
}

/** Reads bits from the lowest bit of each byte on. Bits after the end are 0. */
class ForwardBits {
  readonly #section: Section;
  #bit = 0;

  constructor(section: Section) {
    this.#section = section;
  }

  /** The offset of the next whole byte. */
  get byteOffset(): number {
    return this.#section.start + ((this.#bit + 7) >> 3);
  }

  take(count: number): number {
    const value = this.#peek(count);
    this.#bit += count;
    return value;
  }

  /** Takes a number from 0 to `limit`. The smaller numbers have one bit less. */
  takeUpTo(limit: number): number {
    const width = 32 - Math.clz32(limit);
    const spare = (1 << width) - 1 - limit;
    if (this.#peek(width - 1) < spare) return this.take(width - 1);
    const value = this.take(width);
    return value >= 1 << (width - 1) ? value - spare : value;
  }

  #peek(count: number): number {
    const { file, start, end } = this.#section;
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      const at = start + ((this.#bit + index) >> 3);
      if (at < end) value |= ((file.u8(at) >> ((this.#bit + index) & 7)) & 1) << index;
    }
    return value;
  }
}
