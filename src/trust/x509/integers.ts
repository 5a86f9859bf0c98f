import { toHex } from '../../base/bytes.js';

/** The number that bytes are, the first of them the most significant; 0 for no bytes. */
export function decodeInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

/** A number as bytes, the most significant first, with zeros before it up to a length. */
export function encodeFixedInteger(number: bigint, length: number): Uint8Array {
  const digits = number.toString(16).padStart(2 * length, '0');
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

/** Bytes in the words that the kernel counts large numbers in. */
export const WORD_BYTES = 8;
