/** Parts of the grammar of PKCS#7 that occur more than once. */
import { OBJECT_IDENTIFIER, SEQUENCE, SET } from '../../formats/asn1-tags.js';
import type { BerNote, BerStep } from '../../formats/ber.js';
import type { OidRegister } from '../x509/oid-register.js';

/** What is inside an AlgorithmIdentifier. */
export function algorithmIdentifier(oids: OidRegister): readonly BerStep[] {
  return [oids.step, { match: 'any', optional: true }];
}

/** An Attribute: its type, then each of its values. */
export function attribute(
  oid: BerStep = { match: OBJECT_IDENTIFIER },
  noteValue: BerNote = () => {},
): BerStep {
  return {
    match: SEQUENCE,
    body: [oid, { match: SET, repeated: true, body: [{ match: 'any', note: noteValue }] }],
  };
}

/** A SET OF, in whose place the kernel accepts a SEQUENCE OF. */
export function setOrSequence(item: BerStep): readonly BerStep[] {
  return [
    { match: SET, optional: true, repeated: true, body: [item] },
    { match: SEQUENCE, optional: true, alternative: true, repeated: true, body: [item] },
    { oneOf: true },
  ];
}
