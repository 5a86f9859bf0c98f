import { ERRNO } from '../../../src/base/error.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { errnoName } from '../answers.js';
import type { BriefCase, BriefKind } from './brief-case.js';
import { loadOwn } from './own.js';

/** What the guest's program reports for a larger errno: it is an exit status. */
const OTHER_ERRNO = 255;

/** The number of the errno that the code under test gives for a load, as the guest reports it, or 0. */
export function ownErrno({ file, type, commandLine }: BriefCase, machine: Machine): number {
  const result = loadOwn({ type, kernel: 'brief', commandLine }, file, machine);
  return 'refusal' in result ? Math.min(ERRNO[result.refusal.errno], OTHER_ERRNO) : 0;
}

/** The answers to the loads of a kind in words, one for each. */
export function describeAnswers({ cases }: BriefKind, errnos: readonly number[]): string[] {
  return cases.map(({ name }, index) => `${name}: ${errnoName(errnos[index] ?? Number.NaN)}`);
}
