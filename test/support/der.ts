/**
 * Writes ASN.1 in DER (X.690), and in almost DER: it checks no arguments. It shares nothing with the code under test.
 */

/** Identifier octets. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** An element: identifier, length in its shortest form, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([Uint8Array.of(tag), encodeLength(length), ...contents]);
}

/** A length in its shortest form, or, if `octets` is given, with that number of octets after the first. */
export function encodeLength(length: number, octets?: number): Uint8Array {
  if (octets === undefined && length < 0x80) return Uint8Array.of(length);
  const count = octets ?? Math.max(1, Math.ceil((32 - Math.clz32(length)) / 8));
  const bytes = Array.from(
    { length: count },
    (_, index) => Math.floor(length / 256 ** (count - 1 - index)) & 0xff,
  );
  return Uint8Array.of(0x80 | count, ...bytes);
}

export const sequence = (...contents: readonly Uint8Array[]) => element(TAG.sequence, ...contents);
export const set = (...contents: readonly Uint8Array[]) => element(TAG.set, ...contents);
export const octetString = (bytes: Uint8Array) => element(TAG.octetString, bytes);
export const nullValue = () => element(TAG.null);
export const boolean = (value: boolean) => element(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
export const utf8String = (text: string) => element(TAG.utf8String, Buffer.from(text));
export const utcTime = (text: string) => element(TAG.utcTime, Buffer.from(text, 'latin1'));
export const generalizedTime = (text: string) => element(TAG.generalizedTime, Buffer.from(text, 'latin1'));

/** A bit string of whole bytes. */
export const bitString = (bytes: Uint8Array) => element(TAG.bitString, Uint8Array.of(0), bytes);

/** `[number]`, constructed: around whole elements if explicit, around an element's contents if implicit. */
export const context = (number: number, ...contents: readonly Uint8Array[]) =>
  element(0xa0 | number, ...contents);

/** `[number]`, primitive. */
export const contextPrimitive = (number: number, bytes: Uint8Array) => element(0x80 | number, bytes);

/** A non-negative integer. */
export function integer(value: bigint | number): Uint8Array {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return element(TAG.integer, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Uint8Array.of(0), bytes]));
}

/** An object identifier in dotted form. */
export const oid = (dotted: string) => element(TAG.oid, encodeOid(dotted));

/** The contents of an object identifier. */
export function encodeOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Uint8Array.from([first * 40 + second, ...rest].flatMap(base128));
}

function base128(value: number): number[] {
  const octets = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    octets.unshift(0x80 | (rest % 128));
  }
  return octets;
}
