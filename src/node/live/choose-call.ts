import { KexecError, refuse } from '../../base/error.js';
import type { KimageType } from '../../kexec/kimage.js';
import type { LiveLoad, LoadCall } from './load-request.js';
import { readHasKexecFileLoad } from './privileges.js';
import { probeKexecFileLoad } from './system-calls/kexec-file-load.js';
import { callsLeft, type PermissionFacts } from './system-calls/permission.js';

/** How the running kernel is asked for kexec_file_load. */
export interface Questions {
  /** By a call of a type that loads nothing; an error says that calls are not permitted. */
  readonly probe: (type: KimageType) => Promise<boolean | KexecError>;
  /** By its symbols; undefined if they cannot be read. */
  readonly readSymbols: () => boolean | undefined;
}

const QUESTIONS: Questions = { probe: probeKexecFileLoad, readSymbols: readHasKexecFileLoad };

/**
 * The system call for a load, decided before a file is looked at, so that what is in a file never decides it.
 *
 * @throws KexecError `EINVAL`, check `live-option`, if the load has options that kexec_file_load, asked for or there, does
 * not take, or if it cannot be found out; what the probe gives.
 */
export async function chooseCall(
  load: LiveLoad,
  facts: PermissionFacts,
  questions: Questions = QUESTIONS,
): Promise<LoadCall> {
  const options = optionsOfSegments(load);
  if (load.syscall === 'segments') return 'segments';
  if (load.syscall === 'file') {
    if (options.length > 0)
      refuse(
        'live-option',
        'EINVAL',
        `kexec_file_load takes no ${options.join(', no ')}: --syscall segments does`,
      );
    return 'file';
  }
  if (!(await hasFileLoad(load.options.type ?? 'default', facts, questions))) return 'segments';
  if (options.length > 0) {
    const is = options.length === 1 ? 'is' : 'are';
    refuse(
      'live-option',
      'EINVAL',
      `this kernel has kexec_file_load, for which ${options.join(' and ')} ${is} nothing: --syscall segments`,
    );
  }
  return 'file';
}

/** Every call counts against the limit of its type, a question as well: a type is asked with that has none. */
async function hasFileLoad(
  type: KimageType,
  facts: PermissionFacts,
  { probe, readSymbols }: Questions,
): Promise<boolean> {
  const unlimited = [type, 'default' as const, 'crash' as const].find((one) => callsLeft(facts, one) === -1);
  const answer = unlimited === undefined ? readSymbols() : await probe(unlimited);
  if (answer instanceof KexecError) throw answer;
  if (answer !== undefined) return answer;
  return refuse(
    'live-option',
    'EINVAL',
    'whether this kernel has kexec_file_load cannot be read from /proc/kallsyms, and asking it would use up one of ' +
      'the calls that kernel.kexec_load_limit_* leave: say --syscall file or --syscall segments',
  );
}

/** Options that kexec_file_load has no means for: the kernel decides them itself, or has no purgatory. */
function optionsOfSegments({ dtb, options }: LiveLoad): string[] {
  const { window, entry, rules, randomize, purgatory } = options;
  const { serial, onMismatch } = purgatory || {};
  return [
    ...(dtb === undefined ? [] : ['--dtb']),
    ...(window === undefined ? [] : ['--mem-min or --mem-max']),
    ...(entry === undefined ? [] : ['--entry']),
    ...(serial === undefined ? [] : ['--serial']),
    ...(onMismatch === undefined ? [] : ['--on-mismatch']),
    ...(randomize === undefined ? [] : ['--randomize']),
    ...(rules === undefined || rules === 'mainline' ? [] : [`--rules ${rules}`]),
  ];
}
