/** The factors of the kernel's suffixes, from the smallest: each is 1024 times the one before. */
const SUFFIXES = 'kmgtpe';

/**
 * Parses a size of a kernel parameter, such as `512M`: kernel function `memparse()`. A number may be decimal, hexadecimal
 * with `0x`, or octal with a leading 0. Text after it is ignored.
 *
 * @returns the size in bytes, modulo 2^64; 0 if the text begins with no number
 */
export function memparse(text: string): bigint {
  const [, digits = '0', suffix = ''] = /^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)([kmgtpe]?)/i.exec(text) ?? [];
  const isOctal = /^0[0-7]+$/.test(digits);
  const number = BigInt(isOctal ? `0o${digits}` : digits);
  const shift = suffix === '' ? 0 : 10 * (SUFFIXES.indexOf(suffix.toLowerCase()) + 1);
  return BigInt.asUintN(64, number << BigInt(shift));
}
