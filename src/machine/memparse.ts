/** Units of `memparse()`: each is 1024 times the one before. */
const UNITS = 'kmgtpe';

const DIGITS: Readonly<Record<number, RegExp>> = { 8: /^[0-7]*/, 10: /^\d*/, 16: /^[\da-f]*/i };

/** A size at the start of a text: its bytes, modulo 2^64, and its length in characters. */
export interface LeadingSize {
  readonly bytes: bigint;
  readonly length: number;
}

/**
 * Reads the size at the start of a text, such as `512M` in `512M@1G`: kernel function `memparse()`. A number may be
 * decimal, hexadecimal with `0x`, or octal with a leading 0.
 *
 * @returns undefined if the text begins with no digit
 */
export function readLeadingSize(text: string): LeadingSize | undefined {
  const isHex = /^0x[\da-f]/i.test(text);
  const radix = isHex ? 16 : text.startsWith('0') ? 8 : 10;
  const [digits = ''] = DIGITS[radix]?.exec(isHex ? text.slice(2) : text) ?? [];
  if (digits === '') return undefined;
  const length = digits.length + (isHex ? 2 : 0);
  const number = parseDigits(digits, BigInt(radix));
  const unit = UNITS.indexOf(text.charAt(length).toLowerCase() || ' ');
  if (unit < 0) return { bytes: number, length };
  return { bytes: BigInt.asUintN(64, number << BigInt(10 * (unit + 1))), length: length + 1 };
}

/**
 * Parses a size of a kernel parameter, such as `512M`. Text after it is ignored.
 *
 * @returns the size in bytes, modulo 2^64; 0 if the text begins with no number
 */
export function memparse(text: string): bigint {
  return readLeadingSize(text)?.bytes ?? 0n;
}

/** Wraps at 64 bits digit by digit: a command line of digits costs no more than its length. */
function parseDigits(digits: string, radix: bigint): bigint {
  let number = 0n;
  for (const digit of digits) {
    number = BigInt.asUintN(64, number * radix + BigInt(Number.parseInt(digit, 16)));
  }
  return number;
}
