import { ERRNO } from '../../../src/base/error.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { errnoName } from '../answers.js';
import type { Mutant, MutantKind } from './mutants.js';
import { loadOwn } from './own.js';

/** The number of the errno that the code under test gives for a mutant, or 0. */
export function ownErrno({ file, type, commandLine }: Mutant, machine: Machine): number {
  const result = loadOwn({ type, kernel: 'mutant', commandLine }, file, machine);
  return 'refusal' in result ? ERRNO[result.refusal.errno] : 0;
}

/** The answers to the mutants of a kind in words, one for each. */
export function describeAnswers({ cases }: MutantKind, errnos: readonly number[]): string[] {
  return cases.map(({ name }, index) => `${name}: ${errnoName(errnos[index] ?? Number.NaN)}`);
}
