import { attempt, KexecError } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import type { Machine } from '../../machine/machine-value.js';
import { checkSignature, type SignedContents } from '../../trust/check-signature.js';
import { findFatality } from '../../trust/kernel-rules.js';
import type { TrustStore } from '../../trust/keyrings/keyring.js';
import type { Finding, FindingFrame } from '../finding.js';
import { hasKexecFileLoad, type IntendedLoad, type IntendedTrust } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

/** A load with its kernel, its trust and its machine. */
interface SignedLoad {
  readonly contents: SignedContents;
  readonly trust: IntendedTrust;
  readonly machine: Machine;
  readonly frame: FindingFrame;
}

/** Finds whether the kernel's signature is valid, for kexec-file and for the running kernel. */
export function diagnoseSignature(
  machine: Machine,
  intended: IntendedLoad,
  { about }: NextKernel,
): Finding[] {
  const { kernel, trust, unopened } = intended;
  if (kernel === undefined || trust === undefined || unopened !== undefined) return [];
  const source = 'kimage_validate_signature(), kexec_kernel_verify_pe_sig()';
  const load = { trust, machine, frame: { topic: 'signature', about, source } } as const;
  // Only kexec_file_load verifies signatures. It gets the Image, without the envelopes around it.
  const isVerifiedByKernel = hasKexecFileLoad(machine, intended) !== false;
  return [
    diagnoseEnforced({ ...load, contents: { ...intended, kernel } }),
    ...(isVerifiedByKernel ? diagnoseAsKernel({ ...load, contents: { kernel } }) : []),
  ];
}

/** What kexec-file does under policy enforce. */
function diagnoseEnforced(load: SignedLoad): Finding {
  const { trust, frame } = load;
  const store = trust.storeFor('enforce');
  const fault = findFault(load, 'enforce', store);
  if (fault === undefined) {
    const why =
      'policy enforce loads it, and so does a kernel that enforces signatures and has the same keys';
    return { ...frame, severity: 'fine', fact: 'the signature holds', why };
  }
  const isUnknown = fault.errno === 'ENOKEY' && isEmpty(store);
  const fact = isUnknown ? 'no trusted certificate is known' : 'the signature does not hold';
  return {
    ...frame,
    severity: trust.isEnforced ? 'stops' : isUnknown ? 'unknown' : 'warns',
    fact: `${fact}: ${describeFault(fault)}`,
    why: trust.isEnforced
      ? 'policy enforce loads only kernels that are signed by a trusted key'
      : 'policy enforce refuses it, and so do kernels that enforce signatures or are locked down',
    cure: `${fault.cure}; or load it anyway with --policy permissive`,
  };
}

/** What the running kernel does. It gets only the Image. */
function diagnoseAsKernel(load: SignedLoad): Finding[] {
  const { trust, machine, frame } = load;
  const store = trust.storeFor('as-kernel');
  const fault = findFault(load, 'as-kernel', store);
  if (fault === undefined) return [];
  // The error of lockdown has the error of the signature as its cause.
  const cause = fault.cause instanceof KexecError ? fault.cause : fault;
  // The keys that are built into the running kernel cannot be read: only the caller can give them.
  const isGuess = cause.errno === 'ENOKEY' && !hasBuiltin(store);
  const demand = 'kexec_file_load takes only kernels that are signed by a key of its keyrings';
  return [
    {
      ...frame,
      severity: isGuess ? 'unknown' : 'stops',
      fact: `by what is known of its keyrings, the running kernel refuses it: ${describeFault(fault)}`,
      why: `${findFatality(cause, machine)?.because ?? 'it is locked down'}: ${demand}`,
      cure: isGuess
        ? `${cause.cure}; give the keys that are built into the running kernel with --keyring builtin:FILE`
        : cause.cure,
    },
  ];
}

function findFault(
  { contents, trust: { hashes, imaXattr }, machine }: SignedLoad,
  policy: 'as-kernel' | 'enforce',
  store: TrustStore,
): KexecError | undefined {
  const checked = attempt(() =>
    checkSignature(contents, { store, policy, hashes, imaXattr }, machine, new Trail()),
  );
  return checked instanceof KexecError ? checked : undefined;
}

function describeFault({ errno, check, seen }: KexecError): string {
  return `${errno} (${check}): ${seen}`;
}

function isEmpty({ keyrings }: TrustStore): boolean {
  return keyrings.every(({ certificates }) => certificates.length === 0);
}

function hasBuiltin({ keyrings }: TrustStore): boolean {
  return keyrings.some(({ name, certificates }) => name === 'builtin' && certificates.length > 0);
}
