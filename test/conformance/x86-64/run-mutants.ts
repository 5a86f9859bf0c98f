import type { OracleRelease } from '../../support/oracle/oracle.js';
import { type RecordedKind, readAnswers, writeAnswers } from '../answers.js';
import type { ConformanceOptions } from '../options.js';
import { printProblems, showProgress } from '../report.js';
import { askMutants } from './ask-mutants.js';
import type { RealKernel } from './kernels.js';
import { generateMutants, type MutantKind } from './mutants.js';
import { describeAnswers, ownErrno } from './own-mutants.js';
import { addPurgatory } from './recorded.js';
import { hashOfMutants, MUTANT_ANSWERS, writeMutantMachine } from './recorded-mutants.js';

/** Of each kind, Linux 7.3 is asked about every fifth case, unless everything is asked. */
const STEP = 5;

/**
 * Asks Debian's kernel of a release for the errno of each mutant.
 *
 * @returns whether they are ours, and the recorded ones
 */
export async function runMutants(
  release: OracleRelease,
  kernel: RealKernel,
  { all, record }: ConformanceOptions,
): Promise<boolean> {
  const isEachAsked = all || record || release === '6.12';
  const pick = <T>(items: readonly T[]): T[] => items.filter((_, index) => isEachAsked || index % STEP === 0);
  const whole = generateMutants();
  const kinds = whole.map(({ name, cases }) => ({ name, cases: pick(cases) }));
  const mutants = kinds.flatMap(({ cases }) => cases);
  showProgress(`Linux ${release} for x86_64 loads ${mutants.length} kernels`);
  const { errnos, machine } = await askMutants(release, mutants);
  showProgress('');
  const answers = answersByKind(kinds, errnos);
  if (record) {
    writeAnswers(MUTANT_ANSWERS[release], answers);
    writeMutantMachine(release, machine);
  }
  const known = addPurgatory(machine, kernel);
  const disagreements = kinds.flatMap((kind) => {
    const ours = kind.cases.map((mutant) => ownErrno(mutant, known));
    return listDifferences(kind, answers.get(kind.name), ours, 'we');
  });
  const recorded = readAnswers(MUTANT_ANSWERS[release]);
  const stale = whole.flatMap((kind, index) => {
    const then = recorded.get(kind.name);
    if (then?.sha256 !== hashOfMutants(kind))
      return [`${kind.name}: the cases have changed: record with --record`];
    const asked = kinds[index] ?? kind;
    return listDifferences(asked, answers.get(kind.name), pick(then.signatures), 'recorded');
  });
  printProblems(`disagreements with Linux ${release} for x86_64 on mutants`, disagreements);
  printProblems(`answers of Linux ${release} for x86_64 that differ from the recorded ones`, stale);
  process.stdout.write(
    `Linux ${release} x86_64: cases ${errnos.length}, agreements ${errnos.length - disagreements.length}, ` +
      `disagreements ${disagreements.length}\n`,
  );
  return disagreements.length === 0 && stale.length === 0;
}

function answersByKind(kinds: readonly MutantKind[], errnos: readonly number[]): Map<string, RecordedKind> {
  let index = 0;
  return new Map(
    kinds.map((kind) => {
      const signatures = errnos.slice(index, index + kind.cases.length);
      index += kind.cases.length;
      return [kind.name, { sha256: hashOfMutants(kind), signatures }];
    }),
  );
}

/** @param whose - the other answers, in a word */
function listDifferences(
  kind: MutantKind,
  answers: RecordedKind | undefined,
  others: readonly number[],
  whose: string,
): string[] {
  const [now, other] = [answers?.signatures ?? [], others].map((errnos) => describeAnswers(kind, errnos));
  return (now ?? []).flatMap((line, index) =>
    line === other?.[index] ? [] : [`${kind.name}: ${line}; ${whose}: ${other?.[index]?.split(': ').at(-1)}`],
  );
}
