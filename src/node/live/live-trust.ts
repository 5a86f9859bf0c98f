import { refuse } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import type { LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import type { Policy, TrustRequest } from '../../trust/policy.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import type { TrustOptions } from '../keys/keyrings.js';
import { readMachineTrust } from '../keys/machine-trust.js';

/**
 * Reads the trusted keys for a load on this machine: the given ones or, if none are given, those of the EFI variables
 * db and MokListRT. What dbx and MokListXRT revoke is revoked in any case.
 *
 * @throws KexecError `ENOKEY`, check `trust`, under `enforce` if no certificate is trusted; the errors of reading.
 */
export function readLiveTrust(
  options: TrustOptions,
  policy: Policy,
  machine: Pick<Machine, 'efiVariables'>,
): TrustRequest {
  const { given, imaXattr, storeFor } = readMachineTrust(options, machine);
  const store = storeFor(policy);
  if (policy === 'enforce' && !hasCertificates(store)) {
    refuse(
      'trust',
      'ENOKEY',
      given.namesTrusted
        ? 'no trusted certificate is left: --cert and --keyring name none that is not revoked'
        : 'no trusted certificate was given: there is no --cert and no --keyring, and this machine has no EFI ' +
            'variable db or MokListRT with a certificate; --policy permissive loads without one',
    );
  }
  return { store, policy, hashes: nodeHashes, imaXattr };
}

function hasCertificates({ keyrings }: LoadedTrustStore): boolean {
  return keyrings.some(({ certificates }) => certificates.length > 0);
}
