import { concatenate } from '../../base/bytes.js';
import {
  encodeEmptyBitString,
  encodeExplicit,
  encodeImplicit,
  encodeNull,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeSequence,
} from '../../formats/der.js';
import { encodeOid } from '../x509/oids.js';

/** The digests of signatures that are made here: those that current kernels and firmware accept. */
export const SIGNING_HASHES = ['sha256', 'sha384', 'sha512'] as const;

export type SigningHash = (typeof SIGNING_HASHES)[number];

/** The text in place of the file name that Authenticode once had. */
const OBSOLETE = '<<<Obsolete>>>';

/**
 * Builds the contents of SpcIndirectDataContent ("Windows Authenticode Portable Executable Signature Format"): the
 * type, a PE image, and its digest. As in the output of sbsign, there are no flags, and the link has no target.
 */
export function buildIndirectData(hash: SigningHash, digest: Uint8Array): Uint8Array {
  const link = encodeExplicit(0, encodeExplicit(2, encodeImplicit(0, utf16be(OBSOLETE))));
  const image = encodeSequence(encodeEmptyBitString(), link);
  return concatenate([
    encodeSequence(encodeObjectIdentifier(encodeOid('msPeImageDataObjId')), image),
    encodeSequence(encodeDigestAlgorithm(hash), encodeOctetString(digest)),
  ]);
}

/** Encodes the AlgorithmIdentifier of a digest. */
export function encodeDigestAlgorithm(hash: SigningHash): Uint8Array {
  return encodeSequence(encodeObjectIdentifier(encodeOid(hash)), encodeNull());
}

/** ASCII text as a BMPString's contents. */
function utf16be(text: string): Uint8Array {
  return Uint8Array.from([...text].flatMap((character) => [0, character.charCodeAt(0)]));
}
