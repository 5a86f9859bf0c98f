import { refuse } from '../../base/error.js';
import { parsePe } from '../../formats/pe/parse.js';
import type { Hashes } from '../hashes.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { buildIndirectData, type SigningHash } from './content.js';
import { digestForSignature } from './file-digest.js';
import { buildAttributes, buildMessage, type Message } from './message.js';
import { originalEndToRecord } from './original.js';
import { buildRecord } from './record-signature.js';

/** How a PE file is to be signed. */
export interface SigningOptions {
  /** The signer's certificate, in DER. */
  readonly certificate: Uint8Array;
  /** Certificates that go along, in DER: those between the signer's and one that is trusted. */
  readonly additional?: readonly Uint8Array[];
  readonly hash: SigningHash;
  /** Is written into the signature; without one, the same key gives the same RSA signature at any time. */
  readonly signingTime?: Date | undefined;
  /** When the certificate has to be valid: now, or the signing time. */
  readonly validAt: Date;
}

/** A signature that lacks nothing but the key's part. */
export interface PreparedSignature {
  /** The digest of the file, by the hash of all else. */
  readonly fileDigest: Uint8Array;
  /** DER of the authenticated attributes: what the key signs. */
  readonly attributes: Uint8Array;
  readonly message: Message;
}

/**
 * Digests a PE file for a signature, and says what the key has to sign. It takes no key: that may be anywhere.
 *
 * @param file - the whole file, signed already or not
 * @throws KexecError as `parsePe()` and `authenticodeDigest()`; `EINVAL`, `sign-layout`: a file that the kernel would
 *   read otherwise once it is signed; `EKEYEXPIRED`, `sign-certificate`; as `parseCertificate()`: a certificate that the
 *   kernel does not take.
 */
export function prepareSignature(
  file: Uint8Array,
  options: SigningOptions,
  hashes: Hashes,
): PreparedSignature {
  const { hash, signingTime } = options;
  const certificate = parseCertificate(options.certificate, hashes);
  requireValid(certificate, options.validAt);
  const pe = parsePe(file);
  const fileDigest = digestForSignature(file, pe, hash, hashes);
  const original = originalEndToRecord(file, pe);
  const message: Message = {
    content: buildIndirectData(hash, fileDigest),
    hash,
    certificate,
    additional: (options.additional ?? []).map((der) => parseCertificate(der, hashes)),
    signingTime,
    unauthenticated: original === undefined ? [] : [buildRecord(original)],
  };
  return { fileDigest, attributes: buildAttributes(message, hashes), message };
}

/**
 * The PKCS#7 message of a prepared signature, which is what a detached signature is.
 *
 * @param signature - over the attributes: RSA PKCS#1 v1.5, or ECDSA in DER or as two numbers of the curve's size
 * @throws KexecError as `buildMessage()`: nobody would take the signature
 */
export function finishSignature(
  prepared: PreparedSignature,
  signature: Uint8Array,
  hashes: Hashes,
): Uint8Array {
  return buildMessage(prepared.message, signature, hashes);
}

function requireValid({ validFrom, validTo, subjectText }: Certificate, at: Date): void {
  const seconds = BigInt(Math.floor(at.getTime() / 1000));
  if (seconds >= validFrom && seconds <= validTo) return;
  const [from, to] = [validFrom, validTo].map((time) => new Date(Number(time) * 1000).toISOString());
  refuse(
    'sign-certificate',
    'EKEYEXPIRED',
    `the certificate of ${subjectText} is valid from ${from} to ${to}, which ${at.toISOString()} is not within`,
  );
}
