import { CHECK_GROUPS, CHECKS, type Check, type CheckGroup, LOAD_GROUPS } from '../base/checks.js';
import type { Errno } from '../base/errno.js';
import type { KexecError } from '../base/error.js';
import type { Finding } from '../doctor/finding.js';
import type { LoadResult } from '../kexec/file-load.js';
import { describeCheck, type NamedCheck } from './explanation.js';

/** `found`: the facts at hand end in it. `possible`: they do not tell. `ruled out`: it holds, by the facts at hand. */
export type Standing = 'found' | 'possible' | 'ruled out';

/** A check that an errno may come from. */
export interface Candidate extends NamedCheck {
  readonly standing: Standing;
  /** The fact that decides, or what would have to be known. */
  readonly why: string;
}

/** What is at hand to rule checks out. */
export interface KnownFacts {
  /** The load in question; absent where no kernel was given. */
  readonly load?: LoadResult | undefined;
  /** How the system call would refuse the file as it is, where the load takes the kernel out of it first. */
  readonly asItIs?: KexecError | undefined;
  /** What is known of the machine, as doctor tells it; none where no machine was given. */
  readonly findings: readonly Finding[];
}

/** The refusals of the kernel itself as a whole, which other checks explain. */
const WHOLE_CALL_CHECKS: readonly Check[] = ['kexec-load', 'kexec-file-load', 'reboot'];

const STANDINGS: readonly Standing[] = ['found', 'possible', 'ruled out'];

/** Every check of a load that can end in an errno: those that the facts at hand end in first, what they rule out last. */
export function findCandidates(errno: Errno, facts: KnownFacts): Candidate[] {
  const standing = findChecksByErrno(errno).map((check) => ({
    ...describeCheck(check),
    ...judgeCheck(check, errno, facts),
  }));
  return STANDINGS.flatMap((one) => standing.filter((candidate) => candidate.standing === one));
}

/** The checks of a load, or of some of its groups, that can end in an errno. */
export function findChecksByErrno(errno: Errno, groups: readonly CheckGroup[] = LOAD_GROUPS): Check[] {
  return groups
    .flatMap((group) => Object.keys(CHECK_GROUPS[group]) as Check[])
    .filter((check) => CHECKS[check].errnos.includes(errno) && !WHOLE_CALL_CHECKS.includes(check));
}

function judgeCheck(
  check: Check,
  errno: Errno,
  { load, asItIs, findings }: KnownFacts,
): { readonly standing: Standing; readonly why: string } {
  if (asItIs?.check === check && asItIs.errno === errno) {
    return { standing: 'found', why: `where the file is handed to the system call as it is: ${asItIs.seen}` };
  }
  const said = findings.filter(({ evidence }) => evidence?.check === check);
  const bad = said.find(({ evidence }) => evidence?.holds === false);
  if (bad !== undefined) return { standing: 'found', why: bad.fact };
  const open = said.find(({ evidence }) => evidence?.holds === undefined);
  if (open !== undefined) return { standing: 'possible', why: open.fact };
  const [good] = said;
  if (good !== undefined) return { standing: 'ruled out', why: good.fact };
  return load === undefined
    ? { standing: 'possible', why: 'a kernel, and a machine, would tell' }
    : judgeCheckByLoad(check, errno, load);
}

function judgeCheckByLoad(
  check: Check,
  errno: Errno,
  load: LoadResult,
): { readonly standing: Standing; readonly why: string } {
  const { trail } = load;
  if ('refusal' in load && load.refusal.check === check) {
    const { errno: given, seen } = load.refusal;
    return given === errno
      ? { standing: 'found', why: seen }
      : { standing: 'ruled out', why: `the load ends in it, but with ${given}: ${seen}` };
  }
  const own = trail.findLast((entry) => entry.check === check);
  if (own?.verdict === 'note') return { standing: 'possible', why: own.detail };
  if (own !== undefined) return { standing: 'ruled out', why: own.detail };
  const other = trail.findLast(({ also }) => also?.includes(check));
  if (other !== undefined) return { standing: 'ruled out', why: other.detail };
  const { group } = describeCheck(check);
  if (group === 'system call') return { standing: 'possible', why: 'only the running machine can tell' };
  if (group === 'signature') return { standing: 'possible', why: explainUnverified(load) };
  if ('refusal' in load) {
    const { refusal } = load;
    return { standing: 'possible', why: `the load ended before, in ${refusal.check} (${refusal.errno})` };
  }
  return { standing: 'ruled out', why: 'the load gets past it' };
}

/** Why nothing is known of a check of signatures. */
function explainUnverified({ trail }: LoadResult): string {
  const note = trail.findLast(({ check, verdict }) => check === 'signature' && verdict === 'note');
  return note?.detail ?? 'it was not looked at';
}
