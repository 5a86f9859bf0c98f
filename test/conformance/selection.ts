import type { OracleRelease } from '../support/oracle/oracle.js';
import type { CaseKind } from './case.js';

/** Of each kind, Linux 7.3 is asked about the first case and every fifth after it. */
const STEP = 5;

/** The kinds on which the releases differ: of these, each is asked about every case. */
const DIFFERING: readonly string[] = ['ML-DSA'];

/** The cases of a kind about which an oracle is asked in every run, and whose answers are recorded. */
export function selectCases(kind: CaseKind, release: OracleRelease): CaseKind {
  return { ...kind, cases: kind.cases.filter((_, index) => isSelected(kind.name, index, release)) };
}

/** Whether {@link selectCases} takes a case, by its index in the kind. */
export function isSelected(kind: string, index: number, release: OracleRelease): boolean {
  return release === '6.12' || DIFFERING.includes(kind) || index % STEP === 0;
}
