import { refuse } from '../../base/error.js';
import { decodeBer } from '../../formats/ber.js';
import { computeDigest, type Hashes } from '../hashes.js';
import { type AuthorityKeyId, parseAuthorityKeyId } from './authority-key-id.js';
import { CertificateReader } from './certificate-reader.js';
import { buildId, isSameId } from './key-id.js';
import type { PublicKey, RawSignature, SignedBytes } from './public-key.js';
import { SignatureChecks } from './signature-work.js';

/** An X.509 certificate, as far as the kernel reads one (`struct x509_certificate`). */
export interface Certificate {
  readonly der: Uint8Array;
  /** The contents of the serial number and of the names, which the kernel compares byte by byte. */
  readonly serial: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** The names as the kernel's log has them: organisation and common name. */
  readonly issuerText: string;
  readonly subjectText: string;
  /** Serial number and issuer, by which a SignerInfo and an authority key identifier name a certificate. */
  readonly id: Uint8Array;
  /** The subject key identifier. */
  readonly skid: Uint8Array | undefined;
  /** The issuer's {@link id}, if the authority key identifier has it. */
  readonly authorityId: Uint8Array | undefined;
  /** The issuer's {@link skid}, if the authority key identifier has it. */
  readonly authoritySkid: Uint8Array | undefined;
  /** Seconds since 1970. */
  readonly validFrom: bigint;
  readonly validTo: bigint;
  readonly publicKey: PublicKey;
  readonly signature: RawSignature;
  /** The signed part. */
  readonly tbs: Uint8Array;
  /** Digest of the signed part, by the signature's hash; undefined if the source of digests does not have that. */
  readonly tbsDigest: Uint8Array | undefined;
  /** Whether its own key signed it. */
  readonly selfSigned: boolean;
}

/**
 * Parses a certificate as the kernel does (`x509_cert_parse()`), and verifies its signature if it is its own issuer.
 *
 * @param checks - verifies its signature; those of one message, or of one keyring, share one
 * @throws KexecError check `certificate` or `ber`: `EBADMSG` if it is malformed, `EINVAL` if it contradicts itself,
 *   `ENOPKG` for algorithms that the kernel does not know; check `public-key`, or `EKEYREJECTED`, for a self-signature
 *   that does not hold.
 */
export function parseCertificate(
  der: Uint8Array,
  hashes: Hashes,
  checks: SignatureChecks = new SignatureChecks(hashes),
): Certificate {
  const reader = new CertificateReader(checks.knowsMlDsa);
  decodeBer(der, reader.grammar, 'certificate');
  const { issuer, subject, publicKey, extensions, algorithm, hash } = reader;
  const { skid, authorityKeyIdentifier } = extensions;
  const authority: AuthorityKeyId =
    authorityKeyIdentifier === undefined
      ? { id: undefined, skid: undefined }
      : parseAuthorityKeyId(authorityKeyIdentifier);
  if (issuer === undefined || subject === undefined || publicKey === undefined) {
    refuse('certificate', 'EBADMSG', 'certificate: parts are missing');
  }
  const certificate = {
    der,
    serial: reader.serial,
    issuer: issuer.contents,
    subject: subject.contents,
    issuerText: issuer.text,
    subjectText: subject.text,
    id: buildId(reader.serial, issuer.contents),
    skid,
    authorityId: authority.id,
    authoritySkid: authority.skid,
    validFrom: reader.validFrom,
    validTo: reader.validTo,
    publicKey,
    signature: { algorithm, hash, bytes: reader.signature },
    tbs: reader.tbs,
    tbsDigest: computeDigest(hashes, hash, reader.tbs),
  };
  return { ...certificate, selfSigned: isSelfSigned(certificate, checks) };
}

/** Kernel function `x509_check_for_self_signed()`. */
function isSelfSigned(certificate: Omit<Certificate, 'selfSigned'>, checks: SignatureChecks): boolean {
  const { subject, issuer, authorityId, authoritySkid, skid, id, publicKey, signature } = certificate;
  if (!isSameId(subject, issuer)) return false;
  if (authorityId !== undefined || authoritySkid !== undefined) {
    const sameSkid = isSameId(skid, authoritySkid);
    const sameSerial = isSameId(id, authorityId);
    if (!sameSkid && !sameSerial) return false;
    if (sameSkid !== sameSerial && authorityId !== undefined && authoritySkid !== undefined) {
      refuse(
        'certificate',
        'EKEYREJECTED',
        'certificate: the two halves of its authority key identifier name different certificates',
      );
    }
  }
  // If the digest is unavailable, the kernel accepts the certificate, and does not call it self-signed.
  if (certificate.tbsDigest === undefined) return false;
  checks.verify(publicKey, signature, signedPart(certificate));
  return true;
}

/** What a certificate's signature is over. */
export function signedPart({ tbs, tbsDigest }: Pick<Certificate, 'tbs' | 'tbsDigest'>): SignedBytes {
  return { parts: [tbs], digest: tbsDigest };
}
