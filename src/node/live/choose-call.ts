import { KexecError, refuse } from '../../base/error.js';
import type { KimageType } from '../../kexec/kimage.js';
import type { LoadCall } from '../../kexec/load-options.js';
import type { LiveLoad } from './load-request.js';
import { readHasKexecFileLoad } from './privileges.js';
import { listSegmentOptions, refuseOptions, requireFileOptions } from './request-for-call.js';
import { probeKexecFileLoad } from './system-calls/kexec-file-load.js';
import { countCallsLeft, type PermissionFacts } from './system-calls/permission.js';

/** How to find out whether the running kernel has kexec_file_load. */
export interface Questions {
  /** By a system call that loads nothing. An error says that calls are not permitted. */
  readonly probe: (type: KimageType) => Promise<boolean | KexecError>;
  /** By the kernel's symbols; undefined if they cannot be read. */
  readonly readSymbols: () => boolean | undefined;
}

const QUESTIONS: Questions = { probe: probeKexecFileLoad, readSymbols: readHasKexecFileLoad };

/**
 * Chooses the system call for a load. No file has been read yet, so the contents of a file cannot influence the choice.
 *
 * @throws KexecError `EINVAL`, check `live-option`, if the load has options that kexec_file_load does not take and that
 *   call is asked for or available, or if its availability cannot be found out; and the error of the probe.
 */
export async function chooseCall(
  load: LiveLoad,
  facts: PermissionFacts,
  questions: Questions = QUESTIONS,
): Promise<LoadCall> {
  if (load.syscall === 'segments') return 'segments';
  if (load.syscall === 'file') {
    requireFileOptions(load);
    return 'file';
  }
  const options = listSegmentOptions(load);
  if (!(await hasFileLoad(load.options.type ?? 'default', facts, questions))) return 'segments';
  if (options.length > 0) refuseOptions('this kernel has kexec_file_load, which', options);
  return 'file';
}

/** A probe counts against the limit of its type, as every call does, so it uses a type without a limit. */
async function hasFileLoad(
  type: KimageType,
  facts: PermissionFacts,
  { probe, readSymbols }: Questions,
): Promise<boolean> {
  const unlimited = [type, 'default' as const, 'crash' as const].find(
    (probed) => countCallsLeft(facts, probed) === -1,
  );
  const answer = unlimited === undefined ? readSymbols() : await probe(unlimited);
  if (answer instanceof KexecError) throw answer;
  if (answer !== undefined) return answer;
  return refuse(
    'live-option',
    'EINVAL',
    'whether this kernel has kexec_file_load is unknown: /proc/kallsyms does not say, and a probe would use up one of ' +
      'the calls that kernel.kexec_load_limit_* allow; use --syscall file or --syscall segments',
  );
}
