import { attempt, KexecError } from '../../base/error.js';
import type { Hashes } from '../hashes.js';
import { parseCertificate } from '../x509/certificate.js';
import { isMlDsa } from '../x509/ml-dsa-names.js';
import type { SigningHash } from './content.js';

/**
 * Chooses the digest for the key of a certificate: SHA-512 for ML-DSA, because the kernel accepts no other
 * (`software_key_determine_akcipher()`), and otherwise SHA-256.
 *
 * @param certificate - in DER; one that cannot be parsed is refused later
 */
export function chooseHash(certificate: Uint8Array, hashes: Hashes): SigningHash {
  const parsed = attempt(() => parseCertificate(certificate, hashes));
  return !(parsed instanceof KexecError) && isMlDsa(parsed.publicKey.algorithm) ? 'sha512' : 'sha256';
}
