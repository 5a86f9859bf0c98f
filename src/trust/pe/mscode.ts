import { refuse } from '../../base/error.js';
import { OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from '../../formats/asn1-tags.js';
import { type BerStep, decodeBer } from '../../formats/ber.js';
import type { HashName } from '../hashes.js';
import { findOid, type Oid } from '../x509/oids.js';

/** The content of an Authenticode signature: the digest of the PE file. */
export interface IndirectData {
  readonly hash: HashName;
  readonly digest: Uint8Array;
}

/** Kernel function `mscode_note_digest_algo()`: SHA-224, SM3 and Streebog are known, and refused. */
const DIGESTS: Partial<Record<Oid, HashName>> = {
  sha1: 'sha1',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  'sha3-256': 'sha3-256',
  'sha3-384': 'sha3-384',
  'sha3-512': 'sha3-512',
};

/**
 * Parses SpcIndirectDataContent ("Windows Authenticode Portable Executable Signature Format") as the kernel does:
 * `mscode_parse()`.
 *
 * @throws KexecError check `mscode`: `EBADMSG` for content that is no PE image, or a digest by an object identifier
 *   that the kernel does not know; `ENOPKG` for one that it knows and refuses; check `ber`.
 */
export function parseIndirectData(bytes: Uint8Array): IndirectData {
  let hash: HashName | undefined;
  let digest: Uint8Array | undefined;
  const grammar: BerStep = {
    match: SEQUENCE,
    body: [
      {
        match: SEQUENCE,
        body: [
          { match: OBJECT_IDENTIFIER, note: ({ value }) => checkContentType(findOid(value)) },
          { match: 'any' },
        ],
      },
      {
        match: SEQUENCE,
        body: [
          {
            match: SEQUENCE,
            body: [
              {
                match: OBJECT_IDENTIFIER,
                note: ({ value }) => {
                  hash = findHash(findOid(value));
                },
              },
              { match: 'any', optional: true },
            ],
          },
          {
            match: OCTET_STRING,
            note: ({ value }) => {
              digest = value;
            },
          },
        ],
      },
    ],
  };
  decodeBer(bytes, grammar, 'SpcIndirectDataContent');
  if (hash === undefined || digest === undefined)
    refuse('mscode', 'EBADMSG', `SpcIndirectDataContent: no digest`);
  return { hash, digest };
}

/** Old versions of pesign wrote msIndividualSpKeyPurpose, which the kernel accepts too. */
function checkContentType(oid: Oid | undefined): void {
  if (oid !== 'msPeImageDataObjId' && oid !== 'msIndividualSpKeyPurpose') {
    refuse('mscode', 'EBADMSG', `SpcIndirectDataContent: data of type ${oid ?? 'unknown'}`);
  }
}

function findHash(oid: Oid | undefined): HashName {
  if (oid === undefined)
    refuse('mscode', 'EBADMSG', `SpcIndirectDataContent: a digest by an unknown algorithm`);
  const hash = DIGESTS[oid];
  if (hash === undefined) refuse('mscode', 'ENOPKG', `SpcIndirectDataContent: a digest by ${oid}`);
  return hash;
}
