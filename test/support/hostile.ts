import { KexecError } from '../../src/base/error.js';

/** The refusal of a parser, or undefined if it returned a value. Throws any other error. */
export function catchRefusal(parse: () => unknown): KexecError | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof KexecError) return error;
    throw error;
  }
}

/** Every file that differs from `bytes` by one flipped bit within its first `length` bytes. */
export function* flipEachBit(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  const flipped = new Uint8Array(bytes);
  for (let bit = 0; bit < length * 8; bit += 1) {
    const offset = bit >> 3;
    const original = bytes[offset] ?? 0;
    flipped[offset] = original ^ (1 << (bit & 7));
    yield flipped;
    flipped[offset] = original;
  }
}
