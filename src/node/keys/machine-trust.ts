import type { MachineFacts } from '../../machine/machine-facts.js';
import { buildTrustStore, type GivenTrust, type LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import type { Policy } from '../../trust/policy.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readInput } from '../files/file-input.js';
import { parseVariableTrustSources, readTrustSources, type TrustOptions } from './keyrings.js';

type EfiVariables = NonNullable<MachineFacts['efiVariables']>;

/** A machine, as far as its keys go. */
export interface MachineKeys {
  readonly efiVariables?: EfiVariables | undefined;
}

/** The trusted certificates of a load on a machine: those that the user names, and those of its EFI variables. */
export interface MachineTrust {
  readonly given: GivenTrust;
  /** The value of the kernel's security.ima. */
  readonly imaXattr: Uint8Array | undefined;
  /** Builds the trust store under a policy. @throws KexecError as {@link buildMachineStore} */
  readonly storeFor: (policy: Policy) => LoadedTrustStore;
}

/** Reads the files that the user names. @throws KexecError as {@link readTrustSources} */
export function readMachineTrust(options: TrustOptions, machine: MachineKeys): MachineTrust {
  const { certs = [], keyrings = [], imaXattr } = options;
  const given = { sources: readTrustSources(options), namesTrusted: certs.length + keyrings.length > 0 };
  return {
    given,
    imaXattr: imaXattr === undefined ? undefined : readInput(imaXattr),
    storeFor: (policy) => buildMachineStore(given, selectVariables(given, policy, machine)),
  };
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
export function buildMachineStore({ sources }: GivenTrust, variables: EfiVariables): LoadedTrustStore {
  return buildTrustStore([...sources, ...parseVariableTrustSources(variables)], nodeHashes);
}
