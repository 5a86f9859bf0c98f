import { CHECK_GROUPS, CHECKS, type Check, type CheckGroup, LOAD_GROUPS } from '../base/checks.js';
import type { Errno } from '../base/errno.js';
import type { KexecError } from '../base/error.js';
import type { Finding } from '../doctor/finding.js';
import type { LoadResult } from '../kexec/file-load.js';
import { type ErrnoCause, findErrnoCauses } from './causes/errno-causes.js';
import { describeCheck, type NamedCheck } from './explanation.js';

/** `found`: the known facts end in it. `possible`: they do not decide. `ruled out`: they show that the check passes. */
export type Standing = 'found' | 'possible' | 'ruled out';

/** A check that can end in an errno. */
export interface Candidate extends NamedCheck {
  readonly standing: Standing;
  /** The fact that decides, or the facts that are missing. */
  readonly why: string;
  /** The causes for which the check ends in the errno, each with its cure; empty if the check says all. */
  readonly causes: readonly ErrnoCause[];
}

type Judgement = Pick<Candidate, 'standing' | 'why'>;

/** The facts by which checks are judged. */
export interface KnownFacts {
  /** The load in question; absent if no kernel was given. */
  readonly load?: LoadResult | undefined;
  /** The refusal of the file itself by the system call, if the load extracts the kernel from it first. */
  readonly asItIs?: KexecError | undefined;
  /** The findings of doctor on the machine; empty if no machine was given. */
  readonly findings: readonly Finding[];
  /** The active security modules of the machine, if they are known. */
  readonly securityModules?: readonly string[] | undefined;
}

/** The errnos of whole system calls. Other checks explain them. */
const WHOLE_CALL_CHECKS: readonly Check[] = ['kexec-load', 'kexec-file-load', 'reboot'];

const ONLY_LIVE = 'only the running machine can decide';

const STANDINGS: readonly Standing[] = ['found', 'possible', 'ruled out'];

/**
 * Finds the checks of a load that can end in an errno.
 *
 * @returns the checks with their standing: the found ones first, those that are ruled out last
 */
export function findCandidates(errno: Errno, facts: KnownFacts): Candidate[] {
  const candidates = findChecksByErrno(errno).map((check) => ({
    ...describeCheck(check),
    ...judgeCheck(check, errno, facts),
    causes: findErrnoCauses(check, errno, facts.securityModules),
  }));
  return STANDINGS.flatMap((standing) => candidates.filter((candidate) => candidate.standing === standing));
}

/** Finds the checks that can end in an errno: all checks of a load, or those of some groups. */
export function findChecksByErrno(errno: Errno, groups: readonly CheckGroup[] = LOAD_GROUPS): Check[] {
  return groups
    .flatMap((group) => Object.keys(CHECK_GROUPS[group]) as Check[])
    .filter((check) => CHECKS[check].errnos.includes(errno) && !WHOLE_CALL_CHECKS.includes(check));
}

function judgeCheck(check: Check, errno: Errno, facts: KnownFacts): Judgement {
  const { load, asItIs, findings, securityModules } = facts;
  if (asItIs?.check === check && asItIs.errno === errno) {
    return { standing: 'found', why: `if the system call gets the file itself: ${asItIs.seen}` };
  }
  const byFindings = judgeByFindings(check, findings);
  if (byFindings !== undefined) return byFindings;
  if (check === 'security-module' && securityModules !== undefined)
    return judgeByModules(errno, securityModules);
  if (load !== undefined) return judgeByLoad(check, errno, load);
  const isLive = describeCheck(check).group === 'system call';
  return { standing: 'possible', why: isLive ? ONLY_LIVE : 'only a kernel and a machine file can decide' };
}

/** Only an active module can deny anything; whether it does, only its log says. */
function judgeByModules(errno: Errno, modules: readonly string[]): Judgement {
  const active = findErrnoCauses('security-module', errno, modules).flatMap(({ module }) => module ?? []);
  if (active.length > 0)
    return {
      standing: 'possible',
      why: `of the machine's security modules, ${active.join(' and ')} can end in it`,
    };
  return {
    standing: 'ruled out',
    why: `no security module of the machine ends in it (${modules.join(', ') || 'none is active'})`,
  };
}

/** A finding that the check fails counts most, then one that leaves it open. */
function judgeByFindings(check: Check, findings: readonly Finding[]): Judgement | undefined {
  const evidence = findings.filter((finding) => finding.evidence?.check === check);
  const failing = evidence.find((finding) => finding.evidence?.holds === false);
  if (failing !== undefined) return { standing: 'found', why: failing.fact };
  const undecided = evidence.find((finding) => finding.evidence?.holds === undefined);
  if (undecided !== undefined) return { standing: 'possible', why: undecided.fact };
  const [passing] = evidence;
  return passing && { standing: 'ruled out', why: passing.fact };
}

function judgeByLoad(check: Check, errno: Errno, load: LoadResult): Judgement {
  const { trail } = load;
  const refusal = 'refusal' in load ? load.refusal : undefined;
  if (refusal?.check === check) {
    return refusal.errno === errno
      ? { standing: 'found', why: refusal.seen }
      : { standing: 'ruled out', why: `the load ends in it, but with ${refusal.errno}: ${refusal.seen}` };
  }
  const own = trail.findLast((entry) => entry.check === check);
  if (own?.verdict === 'note') return { standing: 'possible', why: own.detail };
  if (own !== undefined) return { standing: 'ruled out', why: own.detail };
  const other = trail.findLast(({ also }) => also?.includes(check));
  if (other !== undefined) return { standing: 'ruled out', why: other.detail };
  const { group } = describeCheck(check);
  if (group === 'system call') return { standing: 'possible', why: ONLY_LIVE };
  if (group === 'signature') return { standing: 'possible', why: explainUnverified(load) };
  if (refusal !== undefined) {
    return { standing: 'possible', why: `the load ended earlier, in ${refusal.check} (${refusal.errno})` };
  }
  return { standing: 'ruled out', why: 'the load passes it' };
}

/** Why the load did not check signatures. */
function explainUnverified({ trail }: LoadResult): string {
  const note = trail.findLast(({ check, verdict }) => check === 'signature' && verdict === 'note');
  return note?.detail ?? 'signatures were not checked';
}
