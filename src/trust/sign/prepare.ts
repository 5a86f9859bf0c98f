import { refuse } from '../../base/error.js';
import { quoteName } from '../../base/quote-name.js';
import { parsePe } from '../../formats/pe/parse.js';
import type { Hashes } from '../hashes.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { formatSeconds } from '../x509/der-time.js';
import { buildIndirectData, type SigningHash } from './content.js';
import { computeFileDigest } from './file-digest.js';
import { type Message, MessageBuilder } from './message.js';
import { findOriginalEnd } from './original.js';
import { buildRecord } from './record-signature.js';

/** How to sign a PE file. */
export interface SigningOptions {
  /** The signer's certificate, in DER. */
  readonly certificate: Uint8Array;
  /** Certificates to embed as well, in DER: those between the signer's and a trusted one. */
  readonly additional?: readonly Uint8Array[];
  readonly hash: SigningHash;
  /** Written into the signature; without one, the same key makes the same RSA signature at any time. */
  readonly signingTime?: Date | undefined;
  /** The time at which the certificate must be valid: now, or the signing time. */
  readonly validAt: Date;
}

/** A signature that only lacks the key's part. */
export interface PreparedSignature {
  /** The digest of the file, which the message holds. */
  readonly fileDigest: Uint8Array;
  /** DER of the authenticated attributes, which the key signs. */
  readonly attributes: Uint8Array;
  /** The signer's certificate. */
  readonly certificate: Certificate;
  readonly hash: SigningHash;
  /**
   * Builds the PKCS#7 message, which is also a detached signature.
   *
   * @param signature - over the attributes: RSA PKCS#1 v1.5, or ECDSA in DER or as two numbers of the curve's size
   * @throws KexecError as `MessageBuilder.build()`: the kernel would refuse the signature
   */
  readonly finish: (signature: Uint8Array) => Uint8Array;
}

/**
 * Digests a PE file for a signature. It needs no key: the caller has {@link PreparedSignature.attributes} signed, on
 * any machine.
 *
 * @param file - the whole file, signed already or not
 * @throws KexecError as `parsePe()` and `digestAuthenticode()`; `EINVAL`, `sign-layout`: the kernel would read the
 *   signed file otherwise; `EKEYEXPIRED`, `sign-certificate`; as `parseCertificate()`: the kernel would refuse the
 *   certificate.
 */
export function prepareSignature(
  file: Uint8Array,
  options: SigningOptions,
  hashes: Hashes,
): PreparedSignature {
  const { hash, signingTime, additional = [] } = options;
  const certificate = parseCertificate(options.certificate, hashes);
  requireValid(certificate, options.validAt);
  const pe = parsePe(file);
  const fileDigest = computeFileDigest(file, pe, hash, hashes);
  const original = findOriginalEnd(file, pe);
  const message: Message = {
    content: buildIndirectData(hash, fileDigest),
    hash,
    certificate,
    additional: additional.map((der) => parseCertificate(der, hashes)),
    signingTime,
    unauthenticated: original === undefined ? [] : [buildRecord(original)],
  };
  const builder = new MessageBuilder(message, hashes);
  return {
    fileDigest,
    attributes: builder.buildAttributes(),
    certificate,
    hash,
    finish: (signature) => builder.build(signature),
  };
}

function requireValid({ validFrom, validTo, subjectText }: Certificate, at: Date): void {
  const seconds = BigInt(Math.floor(at.getTime() / 1000));
  if (seconds >= validFrom && seconds <= validTo) return;
  const [from, to] = [validFrom, validTo].map(formatSeconds);
  refuse(
    'sign-certificate',
    'EKEYEXPIRED',
    `the certificate of ${quoteName(subjectText)} is valid from ${from} to ${to}, and not at ${at.toISOString()}`,
  );
}
