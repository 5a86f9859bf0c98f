/**
 * Writes ASN.1 in the Distinguished Encoding Rules (X.690), in which signatures are encoded: lengths are definite and
 * as short as possible, and sets are sorted. `decodeBer()` reads it.
 */

import { concatenate } from '../base/bytes.js';

import {
  BIT_STRING,
  constructedTag,
  contextTag,
  GENERALIZED_TIME,
  INTEGER,
  NULL,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
  UTC_TIME,
} from './asn1-tags.js';

/** The years that UTCTime can express: RFC 5652, section 11.3. */
const UTC_YEARS = { first: 1950, last: 2049 };

/** An element: its tag, its length, its contents. */
export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return concatenate([Uint8Array.of(tag, ...lengthOctets(length)), ...contents]);
}

export function encodeSequence(...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(SEQUENCE, ...elements);
}

/** A SET OF, its elements sorted as DER requires: X.690, section 11.6. */
export function encodeSetOf(...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(SET, ...[...elements].sort(compareElements));
}

/** `[number]` around whole elements. */
export function encodeExplicit(number: number, ...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(constructedTag(number), ...elements);
}

/** `[number]` in place of a primitive element's own tag. */
export function encodeImplicit(number: number, contents: Uint8Array): Uint8Array {
  return encodeElement(contextTag(number), contents);
}

/** `[number]` in place of the SET's own tag. */
export function encodeImplicitSetOf(number: number, ...elements: readonly Uint8Array[]): Uint8Array {
  return encodeElement(constructedTag(number), ...[...elements].sort(compareElements));
}

/** An INTEGER that is not negative. */
export function encodeInteger(value: number | bigint): Uint8Array {
  const octets: number[] = [];
  for (let rest = BigInt(value); rest > 0n; rest >>= 8n) octets.unshift(Number(rest & 0xffn));
  // A first octet with its top bit set would make the number negative.
  if (octets.length === 0 || (octets[0] ?? 0) >= 0x80) octets.unshift(0);
  return encodeElement(INTEGER, Uint8Array.from(octets));
}

/** An INTEGER of given contents, such as a serial number as its certificate has it. */
export function encodeIntegerContents(contents: Uint8Array): Uint8Array {
  return encodeElement(INTEGER, contents);
}

/** An OBJECT IDENTIFIER, given its contents. */
export function encodeObjectIdentifier(contents: Uint8Array): Uint8Array {
  return encodeElement(OBJECT_IDENTIFIER, contents);
}

export function encodeOctetString(bytes: Uint8Array): Uint8Array {
  return encodeElement(OCTET_STRING, bytes);
}

/** A BIT STRING without a bit. */
export function encodeEmptyBitString(): Uint8Array {
  return encodeElement(BIT_STRING, Uint8Array.of(0));
}

export function encodeNull(): Uint8Array {
  return encodeElement(NULL);
}

/** A time in whole seconds, the year from 1950 to 9999: UTCTime to 2049, GeneralizedTime from then on. */
export function encodeTime(time: Date): Uint8Array {
  const digits = time
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  const year = time.getUTCFullYear();
  const isUtc = year >= UTC_YEARS.first && year <= UTC_YEARS.last;
  const text = isUtc ? digits.slice(2) : digits;
  return encodeElement(isUtc ? UTC_TIME : GENERALIZED_TIME, new TextEncoder().encode(text));
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** Compares elements as octet strings. None is a prefix of another, because its length comes first. */
function compareElements(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((octet, index) => octet !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
