import type { Machine } from '../../src/machine/machine-value.js';
import { buildMachineStore, selectVariables } from '../../src/trust/keyrings/machine-store.js';
import { parseTrustSource } from '../../src/trust/keyrings/trust-purpose.js';
import type { TrustRequest } from '../../src/trust/policy.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';

/** The policy of the commands, unless an option names another. */
const POLICY = 'enforce';

/**
 * What is trusted and revoked if these files are given with `--keyring`: their names and kinds decide which.
 *
 * @param machine - whose EFI variables count, too
 * @throws KexecError, as `loadTrustStore()`.
 */
export function readTrust(files: readonly ChosenFile[], machine: Machine | undefined) {
  const sources = files.map((file) => parseTrustSource(file.name, readChosenFile(file), 'trust'));
  const given = { sources, namesTrusted: files.length > 0 };
  const variables = selectVariables(given, POLICY, machine ?? {});
  const store = buildMachineStore(given, variables, portableHashes);
  return { store, given, policy: POLICY, hashes: portableHashes } satisfies TrustRequest;
}
