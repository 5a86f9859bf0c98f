import { refuse } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import { buildTrustStore, type LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import type { Policy, TrustRequest } from '../../trust/policy.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { parseVariableTrustSources, readTrustSources, type TrustOptions } from '../keys/keyrings.js';

/**
 * Whom a load on this machine trusts: those that are named; where none is, those that the machine's EFI variables name,
 * db and MokListRT. What dbx and MokListXRT revoke is revoked either way.
 *
 * @throws KexecError `ENOKEY`, check `trust`, if only what is trusted shall load, and nobody is; what reading throws.
 */
export function liveTrust(
  options: TrustOptions,
  policy: Policy,
  { efiVariables = {} }: Pick<Machine, 'efiVariables'>,
): TrustRequest {
  const named = readTrustSources(options);
  const isNamed = (options.certs ?? []).length + (options.keyrings ?? []).length > 0;
  const { db, MokListRT, ...revoking } = efiVariables;
  const own = parseVariableTrustSources(isNamed ? revoking : efiVariables);
  const store = buildTrustStore([...named, ...own], nodeHashes);
  if (policy === 'enforce' && !isAnyoneTrusted(store)) {
    refuse(
      'trust',
      'ENOKEY',
      isNamed
        ? 'what --cert and --keyring name leaves nobody who is trusted'
        : 'nobody is trusted: neither --cert nor --keyring was given, and this machine has no EFI variable db or ' +
            'MokListRT with a certificate in it; say whom to trust, or load without by --policy permissive',
    );
  }
  return { store, policy, hashes: nodeHashes };
}

function isAnyoneTrusted({ keyrings }: LoadedTrustStore): boolean {
  return keyrings.some(({ certificates }) => certificates.length > 0);
}
