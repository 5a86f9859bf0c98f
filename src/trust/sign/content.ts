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

/** The digests that signatures are made with: what kernels and firmware of today take. */
export const SIGNING_HASHES = ['sha256', 'sha384', 'sha512'] as const;

export type SigningHash = (typeof SIGNING_HASHES)[number];

/** What stands where Authenticode once had the file's name. */
const OBSOLETE = '<<<Obsolete>>>';

/**
 * The contents of SpcIndirectDataContent ("Windows Authenticode Portable Executable Signature Format"): that it is a PE image, and its
 * digest. As sbsign writes it: no flags, and a link to nothing.
 */
export function buildIndirectData(hash: SigningHash, digest: Uint8Array): Uint8Array {
  const link = encodeExplicit(0, encodeExplicit(2, encodeImplicit(0, utf16be(OBSOLETE))));
  const image = encodeSequence(encodeEmptyBitString(), link);
  return concatenate([
    encodeSequence(encodeObjectIdentifier(encodeOid('msPeImageDataObjId')), image),
    encodeSequence(encodeDigestAlgorithm(hash), encodeOctetString(digest)),
  ]);
}

/** The AlgorithmIdentifier of a digest. */
export function encodeDigestAlgorithm(hash: SigningHash): Uint8Array {
  return encodeSequence(encodeObjectIdentifier(encodeOid(hash)), encodeNull());
}

/** ASCII text as a BMPString's contents. */
function utf16be(text: string): Uint8Array {
  return Uint8Array.from([...text].flatMap((character) => [0, character.charCodeAt(0)]));
}
