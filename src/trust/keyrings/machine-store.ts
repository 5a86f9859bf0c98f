import type { MachineFacts } from '../../machine/machine-facts.js';
import type { Hashes } from '../hashes.js';
import type { Policy } from '../policy.js';
import { parseVariableTrustSources } from './trust-purpose.js';
import { buildTrustStore, type GivenTrust, type LoadedTrustStore } from './trust-store.js';

type EfiVariables = NonNullable<MachineFacts['efiVariables']>;

/** A machine, as far as its keys go. */
export interface MachineKeys {
  readonly efiVariables?: EfiVariables | undefined;
}

const TRUSTED = ['db', 'MokListRT'];
const REVOKED = ['dbx', 'MokListXRT'];

/**
 * Selects the EFI variables whose keys count for a load on a machine. What dbx and MokListXRT revoke is revoked under
 * every policy. Under `as-kernel`, db and MokListRT are trusted in any case, as the kernel trusts them; under the other
 * policies, only if the user names no certificate to trust.
 *
 * @returns those that the machine has
 */
export function selectVariables(
  { namesTrusted }: GivenTrust,
  policy: Policy,
  { efiVariables = {} }: MachineKeys,
): EfiVariables {
  const names = policy !== 'as-kernel' && namesTrusted ? REVOKED : [...TRUSTED, ...REVOKED];
  const found = names.flatMap((name) => {
    const bytes = efiVariables[name];
    return bytes === undefined ? [] : [[name, bytes] as const];
  });
  return Object.fromEntries(found);
}

/** Builds a trust store. @throws KexecError if an EFI variable or a certificate is malformed. */
export function buildMachineStore(
  { sources }: GivenTrust,
  variables: EfiVariables,
  hashes: Hashes,
): LoadedTrustStore {
  return buildTrustStore([...sources, ...parseVariableTrustSources(variables)], hashes);
}
