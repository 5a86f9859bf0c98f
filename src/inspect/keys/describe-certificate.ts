import { toHex } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { INTEGER } from '../../formats/asn1-tags.js';
import { listElements } from '../../formats/der-elements.js';
import { computeDigest, type Hashes } from '../../trust/hashes.js';
import { parseCertificate } from '../../trust/x509/certificate.js';
import { formatSeconds } from '../../trust/x509/der-time.js';
import { isMlDsa } from '../../trust/x509/ml-dsa-names.js';
import type { PublicKey } from '../../trust/x509/public-key.js';
import { SignatureChecks } from '../../trust/x509/signature-work.js';
import type { Facts } from '../facts.js';
import { countBits } from './inspect-private-key.js';

/**
 * Describes certificates as the kernel reads them. One that the kernel refuses is listed with the reason.
 *
 * @param ders - each in DER
 * @param checks - verifies signatures of certificates on themselves; all of one file share one, which bounds the work
 */
export function describeCertificates(
  ders: readonly Uint8Array[],
  hashes: Hashes,
  checks: SignatureChecks = new SignatureChecks(hashes),
): Facts[] {
  return ders.map((der) => describeCertificate(der, hashes, checks));
}

function describeCertificate(der: Uint8Array, hashes: Hashes, checks: SignatureChecks): Facts {
  const digest = computeDigest(hashes, 'sha256', der);
  const fingerprint: Facts = digest === undefined ? {} : { sha256: toHex(digest) };
  const parsed = attempt(() => parseCertificate(der, hashes, checks));
  if (parsed instanceof KexecError)
    return {
      refused: `${parsed.errno} (${parsed.check}): ${parsed.seen}`,
      bytes: der.length,
      ...fingerprint,
    };
  const { subjectText, issuerText, serial, validFrom, validTo, publicKey, signature, skid } = parsed;
  return {
    subject: subjectText,
    issuer: issuerText,
    serial: toHex(serial),
    validFrom: formatSeconds(validFrom),
    validTo: formatSeconds(validTo),
    key: describeKey(publicKey),
    signature: isMlDsa(signature.algorithm)
      ? signature.algorithm
      : `${signature.algorithm} with ${signature.hash}`,
    ...(skid === undefined ? {} : { keyId: toHex(skid) }),
    ...fingerprint,
  };
}

function describeKey({ algorithm, bytes }: PublicKey): string {
  if (algorithm !== 'rsa') return algorithm;
  const modulus = listElements(listElements(bytes)[0]?.value ?? bytes)[0];
  return modulus?.tag === INTEGER ? `rsa of ${countBits(modulus.value)} bits` : algorithm;
}
