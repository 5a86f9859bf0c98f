import type { Trail } from '../base/trail.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import { type AppraisedFiles, checkAppraisal } from './ima/check-appraisal.js';
import type { TrustRequest } from './policy.js';
import { findSegmentsRefusal, hasSegmentsOnly } from './segments-gate.js';

/** A load, as the kernel gets it. */
interface GatedLoad extends AppraisedFiles {
  /** The system call; the one that the kernel has, if left out. */
  readonly call?: 'file' | 'segments' | undefined;
}

/**
 * Checks what the machine's own kernel decides before any loader sees a file: IMA appraises the files as
 * kexec_file_load(2) reads them, and IMA or lockdown may refuse the segments of kexec_load(2) altogether.
 *
 * @throws KexecError as `checkAppraisal()`, or as `findSegmentsRefusal()` returns.
 */
export function checkKernelGates(
  { call, ...files }: GatedLoad,
  trust: TrustRequest,
  machine: MachineFacts,
  trail: Trail,
): void {
  if ((call ?? (hasSegmentsOnly(machine) ? 'segments' : 'file')) === 'file') {
    checkAppraisal(files, trust, machine, trail);
    return;
  }
  const refusal = findSegmentsRefusal(machine);
  if (refusal !== undefined) throw refusal;
}
