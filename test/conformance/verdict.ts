import { ERRNO, KexecError } from '../../src/base/error.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { EMPTY_BLACKLIST, type TrustStore } from '../../src/trust/keyrings/keyring.js';
import { Verifier } from '../../src/trust/verifier.js';
import { parseCertificate } from '../../src/trust/x509/certificate.js';
import type { Keyrings } from './case.js';
import { readCaCertificate, secondaryCertificates } from './identities.js';

/** The oracle's trusted certificates, for the code under test. */
export function trustStore(keyrings: Keyrings): TrustStore {
  const certificates = (ders: readonly Uint8Array[]) => ders.map((der) => parseCertificate(der, nodeHashes));
  return {
    keyrings: [
      { name: 'builtin', certificates: certificates([readCaCertificate()]) },
      {
        name: 'secondary',
        certificates: certificates(keyrings === 'extended' ? secondaryCertificates() : []),
      },
    ],
    blacklist: EMPTY_BLACKLIST,
  };
}

/**
 * The verdict of the code under test on a file: 0, or the number of the errno with which it refuses the file.
 *
 * @throws all errors but KexecError
 */
export function verdictOf(file: Uint8Array, store: TrustStore): number {
  try {
    new Verifier({ store, hashes: nodeHashes }).verifyPe(file);
    return 0;
  } catch (error) {
    if (error instanceof KexecError) return ERRNO[error.errno];
    throw error;
  }
}
