import { CHECKS } from '../../base/checks.js';
import { KexecError } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import type { Machine } from '../../machine/machine-value.js';
import type { TrustStore } from '../../trust/keyrings/keyring.js';
import { checkSignature, type SignedContents } from '../../trust/policy.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad, IntendedTrust } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';
import { hasKexecFileLoad } from './lockdown-findings.js';

type Frame = Pick<Finding, 'topic' | 'about' | 'source'>;

/** What the kernel's signature is worth here: whether it holds, and what the machine's own kernel would make of it. */
export function diagnoseSignature(machine: Machine, subject: IntendedLoad, { about }: NextKernel): Finding[] {
  const { kernel, trust, unopened } = subject;
  if (kernel === undefined || trust === undefined || unopened !== undefined) return [];
  const source = 'kimage_validate_signature(), kexec_kernel_verify_pe_sig()';
  const finding = { topic: 'signature', about, source } as const;
  return [
    diagnoseEnforced({ ...subject, kernel }, trust, machine, finding),
    // The call that looks at signatures has to be there for its verdict to matter.
    ...(hasKexecFileLoad(machine, subject) === false
      ? []
      : diagnoseAsKernel({ kernel }, trust, machine, finding)),
  ];
}

function diagnoseEnforced(
  contents: SignedContents,
  trust: IntendedTrust,
  machine: Machine,
  finding: Frame,
): Finding {
  const store = trust.storeFor('enforce');
  const fault = findFault(contents, 'enforce', store, trust, machine);
  if (fault === undefined) {
    const why =
      'policy enforce loads it, and so does a kernel that enforces signatures and has the same keys';
    return { ...finding, severity: 'fine', fact: 'the signature holds', why };
  }
  const isUnknown = fault.errno === 'ENOKEY' && isEmpty(store);
  const fact = isUnknown ? 'whom this machine trusts is not known' : 'the signature does not hold';
  return {
    ...finding,
    severity: trust.isEnforced ? 'stops' : isUnknown ? 'unknown' : 'warns',
    fact: `${fact}: ${describeFault(fault)}`,
    why: trust.isEnforced
      ? 'policy enforce loads only what a trusted key signed'
      : 'policy enforce refuses it, and so do kernels that enforce signatures, and kernels that are locked down',
    cure: `${findCure(fault)}; or load it all the same with --policy permissive`,
  };
}

/** The running kernel is given an Image alone. */
function diagnoseAsKernel(
  contents: SignedContents,
  trust: IntendedTrust,
  machine: Machine,
  finding: Frame,
): Finding[] {
  const store = trust.storeFor('as-kernel');
  const fault = findFault(contents, 'as-kernel', store, trust, machine);
  if (fault === undefined) return [];
  // Lockdown's own error has the signature's as its cause.
  const cause = fault.cause instanceof KexecError ? fault.cause : fault;
  // Whose keys are built into the running kernel nobody can read: they are known if somebody told.
  const isGuess = cause.errno === 'ENOKEY' && !hasBuiltin(store);
  return [
    {
      ...finding,
      severity: isGuess ? 'unknown' : 'stops',
      fact: `by what is known of its keyrings, the running kernel refuses it: ${describeFault(fault)}`,
      why:
        machine.kexecSignature === 'force'
          ? 'it has CONFIG_KEXEC_SIG_FORCE: kexec_file_load takes only what a key of its keyrings signed'
          : 'it is locked down: kexec_file_load takes only what a key of its keyrings signed',
      cure: isGuess
        ? `${findCure(cause)}; what is built into the running kernel can be told with --keyring builtin:FILE`
        : findCure(cause),
    },
  ];
}

function findFault(
  contents: SignedContents,
  policy: 'as-kernel' | 'enforce',
  store: TrustStore,
  { hashes }: IntendedTrust,
  machine: Machine,
): KexecError | undefined {
  try {
    checkSignature(contents, { store, policy, hashes }, machine, new Trail());
    return undefined;
  } catch (error) {
    if (error instanceof KexecError) return error;
    throw error;
  }
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

function findCure({ check }: KexecError): string {
  return CHECKS[check].cure;
}
