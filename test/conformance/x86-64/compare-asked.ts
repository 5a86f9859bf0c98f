import type { OracleRelease } from '../../support/oracle/oracle.js';
import { printProblems } from '../report.js';
import { compareX86, type KernelNamed, type X86Comparison } from './compare.js';
import { listStageLoads, type X86Shape } from './machines.js';
import type { RecordedX86 } from './recorded.js';

/** What was asked on a machine: for each kernel that ran, by the name of the machine that it found. */
export interface AskedX86 {
  readonly shape: X86Shape;
  readonly stages: ReadonlyMap<string, RecordedX86>;
}

/** Compares what was asked with the answers of the code under test, for each kernel that ran. */
export function compareAsked({ shape, stages }: AskedX86, kernelNamed: KernelNamed): X86Comparison[] {
  const [, next] = [...stages.values()];
  const loads = listStageLoads(shape);
  return Array.from(stages.entries(), ([name, recorded], index) =>
    compareX86(name, loads[index] ?? [], recorded, kernelNamed, index === 0 ? next?.boot : undefined),
  );
}

/** Prints disagreements and totals. @returns whether there are no disagreements */
export function printX86Comparisons(release: OracleRelease, comparisons: readonly X86Comparison[]): boolean {
  const sum = (count: (one: X86Comparison) => number): number =>
    comparisons.reduce((total, one) => total + count(one), 0);
  const disagreements = comparisons.flatMap((one) => one.disagreements);
  printProblems(`disagreements with Linux ${release} for x86_64`, disagreements);
  process.stdout.write(
    `Linux ${release} x86_64: machines ${comparisons.length}, scenarios ${sum(({ scenarios }) => scenarios)}, ` +
      `addresses compared ${sum(({ addresses }) => addresses)}, ` +
      `blocks compared ${sum(({ blocks }) => blocks)}, disagreements ${disagreements.length}\n`,
  );
  return disagreements.length === 0;
}
