import { decodeLatin1 } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { SEQUENCE, SET } from '../../formats/asn1-tags.js';
import { type BerElement, type BerStep, decodeBer } from '../../formats/ber.js';
import { encodeSequence } from '../../formats/der.js';
import { OidRegister } from './oid-register.js';

/** Names that begin with this many equal characters have the same prefix, for the kernel. */
const PREFIX_LENGTH = 7;

/** Reads a name for a message. @param contents - of a Name. @returns an empty text for one that has no name in it */
export function readName(contents: Uint8Array): string {
  const names = new NameReader(new OidRegister());
  const grammar: BerStep = { match: SEQUENCE, repeated: true, body: names.body };
  const refusal = attempt(() => decodeBer(encodeSequence(contents), grammar, 'name'));
  return refusal instanceof KexecError ? '' : names.take();
}

/** Reads distinguished names (RFC 5280, section 4.1.2.4). */
export class NameReader {
  readonly #oids: OidRegister;
  #parts: { commonName?: string; organizationName?: string; emailAddress?: string } = {};

  /** What is inside a Name, once or more. */
  readonly body: readonly BerStep[];

  constructor(oids: OidRegister) {
    this.#oids = oids;
    const attribute: BerStep = {
      match: SEQUENCE,
      body: [oids.step, { match: 'any', note: (element) => this.#notePart(element) }],
    };
    this.body = [{ match: SET, repeated: true, body: [attribute] }];
  }

  /** The name that was read last, as the kernel's log has it: kernel function `x509_fabricate_name()`. */
  take(): string {
    const { commonName, organizationName, emailAddress } = this.#parts;
    this.#parts = {};
    if (!commonName || !organizationName) return commonName || organizationName || emailAddress || '';
    const hasSamePrefix =
      commonName.length >= PREFIX_LENGTH &&
      organizationName.length >= PREFIX_LENGTH &&
      commonName.startsWith(organizationName.slice(0, PREFIX_LENGTH));
    return hasSamePrefix || commonName.startsWith(organizationName)
      ? commonName
      : `${organizationName}: ${commonName}`;
  }

  #notePart({ value }: BerElement): void {
    const oid = this.#oids.last;
    if (oid === 'commonName' || oid === 'organizationName' || oid === 'emailAddress') {
      this.#parts[oid] = decodeLatin1(value);
    }
  }
}
