/** An element of DER: its tag, and its contents. */
export interface DerElement {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** More elements than a key's algorithm or the start of a key has. */
const MAX_ELEMENTS = 64;

/**
 * Lists the elements of DER, as far as they can be read: of files that are named, not verified.
 *
 * @returns at most 64; those before the first malformed one
 */
export function listElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at + 2 <= bytes.length && elements.length < MAX_ELEMENTS; ) {
    const [tag = 0, form = 0] = bytes.subarray(at, at + 2);
    const octets = form < 0x80 ? 0 : form & 0x7f;
    const start = at + 2 + octets;
    if (octets > 4 || start > bytes.length) break;
    const long = bytes.subarray(at + 2, start).reduce((sum, octet) => sum * 256 + octet, 0);
    const length = form < 0x80 ? form : long;
    if (start + length > bytes.length) break;
    elements.push({ tag, value: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}
