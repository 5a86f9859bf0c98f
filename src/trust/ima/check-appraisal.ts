import { attempt, KexecError, refuse } from '../../base/error.js';
import type { Trail } from '../../base/trail.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import { findKernelTrustRules } from '../kernel-rules.js';
import { nameSigner } from '../name-signer.js';
import type { TrustRequest } from '../policy.js';
import { type Appraisal, findAppraisal } from './appraisal.js';
import { listImaKeyrings } from './ima-keyrings.js';
import { ImaVerifier } from './ima-verifier.js';

/** The files of a load, as the kernel gets them. */
export interface AppraisedFiles {
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
}

/**
 * Checks the files of a load as the machine's own IMA appraises them when kexec_file_load reads them: before anything
 * else, and whatever the configuration says of signatures in PE files. A signature in security.ima is no part of a
 * file: `trust.imaXattr` has the kernel's.
 *
 * @throws KexecError `EACCES`, check `ima-appraisal`, if IMA requires a signature of the kernel, and none that holds is
 *   known.
 */
export function checkAppraisal(
  { kernel, initrd }: AppraisedFiles,
  trust: TrustRequest,
  machine: MachineFacts,
  trail: Trail,
): void {
  const appraisal = findAppraisal(machine);
  if (appraisal !== undefined) {
    const { knowsMlDsa } = findKernelTrustRules(machine);
    checkKernel(kernel, appraisal, { ...trust, store: { ...trust.store, knowsMlDsa } }, trail);
  }
  const forInitrd = initrd && findAppraisal(machine, 'KEXEC_INITRAMFS_CHECK');
  if (forInitrd !== undefined)
    trail.note('ima-appraisal', `${describeAppraisal(forInitrd, 'initrd')}: not verified`);
}

function checkKernel(kernel: Uint8Array, appraisal: Appraisal, trust: TrustRequest, trail: Trail): void {
  const who = describeAppraisal(appraisal, 'kernel');
  if (appraisal.demand === 'digest') {
    trail.note('ima-appraisal', `${who}: a file without a digest in security.ima is refused with EACCES`);
    return;
  }
  const verified = attempt(() => verifyForIma(kernel, appraisal, trust, trail));
  if (!(verified instanceof KexecError)) {
    trail.ok('ima-appraisal', `${who}; signed for IMA by ${verified}`);
    return;
  }
  const seen = `${who}, and ${verified.seen}`;
  if (appraisal.isEnforced && appraisal.isCertain) {
    refuse('ima-appraisal', 'EACCES', seen, { cause: verified, cure: adviseSigning(appraisal) });
  }
  const why = appraisal.isEnforced ? 'EACCES if the rule applies to this file' : 'it does not enforce that';
  trail.note('ima-appraisal', `${seen}; ${why}`);
}

/** Which signature IMA requires, and why. */
export function describeAppraisal({ demand, because }: Appraisal, file: 'kernel' | 'initrd'): string {
  const what = {
    digest: 'appraises all files of root',
    signature: `requires a signature of the ${file} in security.ima`,
    appended: `requires a signature of the ${file}, in security.ima or appended`,
  }[demand];
  return `IMA ${what} (${because})`;
}

/** @returns the signer. @throws KexecError if no signature that counts is known, or none holds. */
function verifyForIma(
  kernel: Uint8Array,
  { demand }: Appraisal,
  { store, hashes, imaXattr }: TrustRequest,
  trail: Trail,
): string {
  const keyrings = listImaKeyrings({ ima: [], ...store });
  const verifier = new ImaVerifier({ ...store, keyrings, hashes, trail });
  if (imaXattr !== undefined) return nameSigner(verifier.verifyXattr(kernel, imaXattr).signer?.subjectText);
  if (demand === 'appended') return nameSigner(verifier.verifyAppended(kernel).signer?.subjectText);
  return refuse('ima-signature', 'ENODATA', 'the value of security.ima is not known: --ima-xattr gives it');
}

/** How to sign a kernel so that IMA accepts it. */
export function adviseSigning({ demand }: Appraisal): string {
  const how =
    demand === 'appended' ? 'kexec-file sign --ima appended, or --ima xattr' : 'kexec-file sign --ima xattr';
  return (
    `sign the kernel with a key that IMA trusts (${how}); if the file has the attribute, give its value ` +
    '(getfattr --only-values -n security.ima KERNEL > ima; --ima-xattr ima)'
  );
}
