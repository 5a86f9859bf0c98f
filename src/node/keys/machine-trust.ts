import { buildMachineStore, type MachineKeys, selectVariables } from '../../trust/keyrings/machine-store.js';
import type { GivenTrust, LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import type { Policy } from '../../trust/policy.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readInput } from '../files/file-input.js';
import { readTrustSources, type TrustOptions } from './keyrings.js';

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
    storeFor: (policy) => buildMachineStore(given, selectVariables(given, policy, machine), nodeHashes),
  };
}
