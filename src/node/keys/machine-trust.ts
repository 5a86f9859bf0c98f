import type { MachineFacts } from '../../machine/machine-facts.js';
import { buildTrustStore, type LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import type { Policy } from '../../trust/policy.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { type FileInput, readInput } from '../files/file-input.js';
import { parseVariableTrustSources, readTrustSources, type TrustOptions } from './keyrings.js';

/** The trusted certificates of a load on a machine: those that the user names, and those of its EFI variables. */
export interface MachineTrust {
  /** Whether the user names certificates to trust. */
  readonly isGiven: boolean;
  /** The value of the kernel's security.ima. */
  readonly imaXattr: Uint8Array | undefined;
  /**
   * Builds the trust store. Under `as-kernel` it has the EFI variables in any case, as the kernel has; under the other
   * policies, db and MokListRT are trusted only if the user names no certificate. What dbx and MokListXRT revoke is
   * revoked.
   *
   * @throws KexecError if an EFI variable or a certificate is malformed.
   */
  readonly storeFor: (policy: Policy) => LoadedTrustStore;
}

/** Reads the files that the user names. @throws KexecError as {@link readTrustSources} */
export function readMachineTrust(
  options: TrustOptions,
  { efiVariables = {} }: Pick<MachineFacts, 'efiVariables'>,
): MachineTrust {
  const given = readTrustSources(options);
  const isGiven = (options.certs ?? []).length + (options.keyrings ?? []).length > 0;
  const { db, MokListRT, ...others } = efiVariables;
  return {
    isGiven,
    imaXattr: readOptional(options.imaXattr),
    storeFor: (policy) => {
      const variables = policy !== 'as-kernel' && isGiven ? others : efiVariables;
      return buildTrustStore([...given, ...parseVariableTrustSources(variables)], nodeHashes);
    },
  };
}

function readOptional(input: FileInput | undefined): Uint8Array | undefined {
  return input === undefined ? undefined : readInput(input);
}
