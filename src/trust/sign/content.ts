import { concatenate } from '../../base/bytes.js';
import {
  derEmptyBitString,
  derExplicit,
  derImplicit,
  derNull,
  derObjectIdentifier,
  derOctetString,
  derSequence,
} from '../../formats/der.js';
import { oidContents } from '../x509/oids.js';

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
  const link = derExplicit(0, derExplicit(2, derImplicit(0, utf16be(OBSOLETE))));
  const image = derSequence(derEmptyBitString(), link);
  return concatenate([
    derSequence(derObjectIdentifier(oidContents('msPeImageDataObjId')), image),
    derSequence(digestAlgorithm(hash), derOctetString(digest)),
  ]);
}

/** The AlgorithmIdentifier of a digest. */
export function digestAlgorithm(hash: SigningHash): Uint8Array {
  return derSequence(derObjectIdentifier(oidContents(hash)), derNull());
}

/** ASCII text as a BMPString's contents. */
function utf16be(text: string): Uint8Array {
  return Uint8Array.from([...text].flatMap((character) => [0, character.charCodeAt(0)]));
}
