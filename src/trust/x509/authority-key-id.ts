import { constructedTag, contextTag, OBJECT_IDENTIFIER, SEQUENCE } from '../../formats/asn1-tags.js';
import { type BerStep, decodeBer } from '../../formats/ber.js';
import { buildId } from './key-id.js';
import { NameReader } from './name-reader.js';
import { OidRegister } from './oid-register.js';

/** The identifiers that a certificate names its issuer's certificate by. */
export interface AuthorityKeyId {
  /** By serial number and issuer. */
  readonly id: Uint8Array | undefined;
  /** By subject key identifier. */
  readonly skid: Uint8Array | undefined;
}

/**
 * Parses an AuthorityKeyIdentifier (RFC 5280, section 4.2.1.1) as the kernel does: `x509_akid_decoder`. A serial number
 * counts only if the issuer's name is a directory name that comes before it.
 *
 * @throws KexecError check `ber`, `EBADMSG` or `EMSGSIZE`.
 */
export function parseAuthorityKeyId(bytes: Uint8Array): AuthorityKeyId {
  let skid: Uint8Array | undefined;
  let issuer: Uint8Array | undefined;
  let id: Uint8Array | undefined;
  const grammar: BerStep = {
    match: SEQUENCE,
    body: [
      {
        match: contextTag(0),
        optional: true,
        note: ({ value }) => {
          skid = value;
        },
      },
      {
        match: constructedTag(1),
        optional: true,
        repeated: true,
        body: generalName((name) => {
          issuer = name;
        }),
      },
      {
        match: contextTag(2),
        optional: true,
        note: ({ value }) => {
          if (issuer !== undefined) id = buildId(value, issuer);
        },
      },
    ],
  };
  decodeBer(bytes, grammar, 'authority key identifier');
  return { id, skid };
}

/** GeneralName: RFC 5280, section 4.2.1.6. */
function generalName(noteDirectoryName: (name: Uint8Array) => void): readonly BerStep[] {
  const typedValue = (number: number): BerStep => ({
    match: constructedTag(number),
    body: [{ match: 'any' }],
  });
  const alternative = { optional: true, alternative: true } as const;
  const directoryName: BerStep = {
    match: SEQUENCE,
    repeated: true,
    body: new NameReader(new OidRegister()).body,
    note: ({ value }) => noteDirectoryName(value),
  };
  const ediPartyName: readonly BerStep[] = [
    { match: constructedTag(0), optional: true, body: [{ match: 'any' }] },
    typedValue(1),
  ];
  return [
    { match: constructedTag(0), optional: true, body: [{ match: OBJECT_IDENTIFIER }, typedValue(0)] },
    { match: contextTag(1), ...alternative },
    { match: contextTag(2), ...alternative },
    { match: constructedTag(3), ...alternative, body: [{ match: 'any' }] },
    { match: constructedTag(4), ...alternative, body: [directoryName] },
    { match: constructedTag(5), ...alternative, body: ediPartyName },
    { match: contextTag(6), ...alternative },
    { match: contextTag(7), ...alternative },
    { match: contextTag(8), ...alternative },
    { oneOf: true },
  ];
}
