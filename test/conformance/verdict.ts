import { ERRNO, KexecError } from '../../src/base/error.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { findKernelTrustRules } from '../../src/trust/kernel-rules.js';
import { viewAsKernel } from '../../src/trust/keyrings/kernel-view.js';
import { EMPTY_BLACKLIST, type TrustStore } from '../../src/trust/keyrings/keyring.js';
import { Verifier } from '../../src/trust/verifier.js';
import { parseCertificate } from '../../src/trust/x509/certificate.js';
import { buildMachine } from '../support/machine.js';
import type { OracleRelease } from '../support/oracle/oracle.js';
import type { Keyrings } from './case.js';
import { readCaCertificate, secondaryCertificates } from './identities.js';

/** The oracle's trusted certificates as the code under test has them on a machine of that release. */
export function trustStore(keyrings: Keyrings, release: OracleRelease): TrustStore {
  const certificates = (ders: readonly Uint8Array[]) => ders.map((der) => parseCertificate(der, nodeHashes));
  const store: TrustStore = {
    keyrings: [
      { name: 'builtin', certificates: certificates([readCaCertificate()]) },
      {
        name: 'secondary',
        certificates: certificates(keyrings === 'extended' ? secondaryCertificates() : []),
      },
    ],
    blacklist: EMPTY_BLACKLIST,
  };
  const rules = findKernelTrustRules(buildMachine({ kernel: { release: `${release}.0` } }));
  return viewAsKernel(store, rules, nodeHashes);
}

/**
 * The verdict of the code under test on a file: 0, or the number of the errno with which it refuses the file.
 *
 * @throws all errors but KexecError
 */
export function verdictOf(file: Uint8Array, store: TrustStore): number {
  try {
    verifyBy(store, file);
    return 0;
  } catch (error) {
    if (error instanceof KexecError) return ERRNO[error.errno];
    throw error;
  }
}

/** Verifies a file by the code under test. @throws KexecError if it is refused */
export function verifyBy(store: TrustStore, file: Uint8Array): void {
  new Verifier({ store, hashes: nodeHashes }).verifyPe(file);
}
