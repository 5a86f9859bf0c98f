import { matchOid } from './algorithm-identifier.js';
import { constructedTag, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET } from './asn1-tags.js';
import { type BerMatch, type BerStep, decodeBer } from './ber.js';
import { beginsSequence } from './der-start.js';
import { decodePemBlock, type PemBlock, parsePem } from './pem.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
/** The same with its tag and length. */
const SIGNED_DATA_OCTETS = [OBJECT_IDENTIFIER, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];

/** The labels that PEM has for PKCS#7 and CMS: RFC 7468, sections 8 and 9. */
const PEM_LABELS: readonly string[] = ['PKCS7', 'CMS'];

/** The certificates of a PKCS#7 message. */
export interface Pkcs7Bundle {
  /** In DER. They have no order. */
  readonly certificates: readonly Uint8Array[];
  /** Whether it is a signature: a message of certificates alone (`.p7b`) has no signer. */
  readonly hasSigners: boolean;
}

/** Whether a DER file is a PKCS#7 message: a SEQUENCE that begins with the identifier of SignedData. */
export function isPkcs7(file: Uint8Array): boolean {
  return beginsSequence(file, SIGNED_DATA_OCTETS);
}

/** Whether a block of a PEM file is a PKCS#7 message. */
export function isPkcs7Block({ label }: PemBlock): boolean {
  return PEM_LABELS.includes(label);
}

/** Lists the PKCS#7 messages of a PEM file, in DER. @throws KexecError EBADMSG, check `pem` */
export function listPemPkcs7(file: Uint8Array): Uint8Array[] {
  return parsePem(file)
    .filter(isPkcs7Block)
    .map((block) => decodePemBlock(file, block));
}

/** Reads the certificates of a PKCS#7 message in DER. Nothing is verified. @throws KexecError check `ber` */
export function parsePkcs7Bundle(file: Uint8Array): Pkcs7Bundle {
  const certificates: Uint8Array[] = [];
  let hasSigners = false;
  const certificate: BerMatch = {
    match: SEQUENCE,
    optional: true,
    note: ({ whole }) => certificates.push(whole),
  };
  const signedData: BerStep = {
    match: SEQUENCE,
    body: [
      { match: INTEGER },
      { match: SET },
      { match: SEQUENCE },
      { match: constructedTag(0), optional: true, repeated: true, body: [certificate] },
      // Lists of revoked certificates.
      { match: constructedTag(1), optional: true },
      { match: SET, optional: true, note: ({ value }) => (hasSigners = value.length > 0) },
    ],
  };
  const type = { oid: '' };
  decodeBer(
    file,
    { match: SEQUENCE, body: [matchOid(type), { match: constructedTag(0), body: [signedData] }] },
    'PKCS#7 file',
  );
  return type.oid === SIGNED_DATA ? { certificates, hasSigners } : { certificates: [], hasSigners: false };
}

/** Lists the certificates of a PKCS#7 message, as {@link parsePkcs7Bundle} reads them. */
export function listPkcs7Certificates(file: Uint8Array): readonly Uint8Array[] {
  return parsePkcs7Bundle(file).certificates;
}
