/**
 * The tags of ASN.1 that signatures, certificates and keys use (X.690, section 8.1.2), with the bit of constructed
 * types.
 */
export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** The bit of a tag whose element contains other elements. */
export const CONSTRUCTED = 0x20;

const CONTEXT = 0x80;

/** `[number]` of a primitive element. */
export function contextTag(number: number): number {
  return CONTEXT | number;
}

/** `[number]` of an element that contains others. */
export function constructedTag(number: number): number {
  return CONTEXT | CONSTRUCTED | number;
}
