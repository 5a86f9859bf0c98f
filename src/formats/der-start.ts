import { SEQUENCE } from './asn1-tags.js';

/** Whether a file is a SEQUENCE, of definite length or not, whose contents begin with these octets. */
export function beginsSequence(file: Uint8Array, start: readonly number[]): boolean {
  const [tag, length = 0] = file;
  const contents = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return tag === SEQUENCE && start.every((octet, at) => file[contents + at] === octet);
}
