import type { Machine } from '../../src/machine/machine-value.js';
import { buildMachineStore, selectVariables } from '../../src/trust/keyrings/machine-store.js';
import { parseTrustSource } from '../../src/trust/keyrings/trust-purpose.js';
import type { Policy, TrustRequest } from '../../src/trust/policy.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';

/**
 * What is trusted and revoked if these files are given with `--keyring`: their names and kinds decide which.
 *
 * @param machine - whose EFI variables count, too
 * @param policy - that of the commands, unless an option names another, if left out
 * @throws KexecError, as `loadTrustStore()`.
 */
export function readTrust(
  files: readonly ChosenFile[],
  machine: Machine | undefined,
  policy: Policy = 'enforce',
) {
  const sources = files.map((file) => parseTrustSource(file.name, readChosenFile(file), 'trust'));
  const given = { sources, namesTrusted: files.length > 0 };
  const variables = selectVariables(given, policy, machine ?? {});
  const store = buildMachineStore(given, variables, portableHashes);
  return { store, given, policy, hashes: portableHashes } satisfies TrustRequest;
}

/** The trust of a load: undefined, so that signatures do not count, if neither a file nor a policy is given. */
export function readLoadTrust(
  files: readonly ChosenFile[],
  policy: Policy | undefined,
  machine: Machine | undefined,
): TrustRequest | undefined {
  return files.length === 0 && policy === undefined ? undefined : readTrust(files, machine, policy);
}
