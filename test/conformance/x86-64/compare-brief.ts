import type { Machine } from '../../../src/machine/machine-value.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import { type RecordedKind, readAnswers, writeAnswers } from '../answers.js';
import type { ConformanceOptions } from '../options.js';
import { printProblems } from '../report.js';
import type { BriefCase, BriefKind } from './brief-case.js';
import { type BriefQuestions, hashOfBriefKind } from './brief-questions.js';
import { describeAnswers, ownErrno } from './own-brief.js';

/** What is asked of a release in a run. */
export interface AskedQuestions {
  readonly questions: BriefQuestions;
  /** All kinds, with all of their cases. */
  readonly kinds: readonly BriefKind[];
  /** Picks what is asked out of a list with an item for each case of a kind. */
  readonly pick: <T>(items: readonly T[]) => T[];
}

/** Chooses the cases about which the kernel of a release is asked. @param kernel - Debian's */
export function chooseQuestions(
  questions: BriefQuestions,
  release: OracleRelease,
  { all, record }: ConformanceOptions,
  kernel: Uint8Array,
): AskedQuestions {
  const step = all || record ? 1 : questions.steps[release];
  return {
    questions,
    kinds: questions.generate(release, kernel),
    pick: (items) => items.filter((_, index) => index % step === 0),
  };
}

/** The cases that are asked, of all kinds. */
export function listAskedCases({ kinds, pick }: AskedQuestions): BriefCase[] {
  return kinds.flatMap(({ cases }) => pick(cases));
}

/**
 * Compares the errnos of {@link listAskedCases} with ours and with the recorded ones, and prints the result.
 *
 * @param errnos - the answers, in the order of the cases
 * @param machine - that on which they were asked
 * @returns whether they are equal
 */
export function compareBrief(
  release: OracleRelease,
  asked: AskedQuestions,
  errnos: readonly number[],
  machine: Machine,
  { record }: ConformanceOptions,
): boolean {
  const { questions, pick } = asked;
  const kinds = asked.kinds.map((kind) => ({ ...kind, cases: pick(kind.cases) }));
  const answers = answersByKind(kinds, errnos);
  if (record) writeAnswers(questions.answers[release], answers);
  const disagreements = kinds.flatMap((kind) => {
    const ours = kind.cases.map((one) => ownErrno(one, machine));
    return listDifferences(kind, answers.get(kind.name), ours, 'we');
  });
  const recorded = readAnswers(questions.answers[release]);
  const stale = asked.kinds.flatMap((kind, index) => {
    const then = recorded.get(kind.name);
    if (then?.sha256 !== hashOfBriefKind(kind))
      return [`${kind.name}: the cases have changed: record with --record`];
    return listDifferences(kinds[index] ?? kind, answers.get(kind.name), pick(then.signatures), 'recorded');
  });
  const { subject } = questions;
  printProblems(`disagreements with Linux ${release} for x86_64 on ${subject}`, disagreements);
  printProblems(
    `answers of Linux ${release} for x86_64 on ${subject} that differ from the recorded ones`,
    stale,
  );
  process.stdout.write(
    `Linux ${release} x86_64: ${subject} ${errnos.length}, agreements ${errnos.length - disagreements.length}, ` +
      `disagreements ${disagreements.length}\n`,
  );
  return disagreements.length === 0 && stale.length === 0;
}

/**
 * Compares the recorded answers to a kind with ours.
 *
 * @param machine - that on which they were asked
 * @returns the differences, in words
 */
export function replayBriefKind(
  { answers }: BriefQuestions,
  release: OracleRelease,
  kind: BriefKind,
  machine: Machine,
): string[] {
  const recorded = readAnswers(answers[release]).get(kind.name);
  if (recorded?.sha256 !== hashOfBriefKind(kind)) return ['the cases are not those that were recorded'];
  const ours = kind.cases.map((one) => ownErrno(one, machine));
  return listDifferences(kind, recorded, ours, 'we');
}

function answersByKind(kinds: readonly BriefKind[], errnos: readonly number[]): Map<string, RecordedKind> {
  let index = 0;
  return new Map(
    kinds.map((kind) => {
      const signatures = errnos.slice(index, index + kind.cases.length);
      index += kind.cases.length;
      return [kind.name, { sha256: hashOfBriefKind(kind), signatures }];
    }),
  );
}

/** @param whose - the other answers, in a word */
function listDifferences(
  kind: BriefKind,
  answers: RecordedKind | undefined,
  others: readonly number[],
  whose: string,
): string[] {
  const [now, other] = [answers?.signatures ?? [], others].map((errnos) => describeAnswers(kind, errnos));
  return (now ?? []).flatMap((line, index) =>
    line === other?.[index] ? [] : [`${kind.name}: ${line}; ${whose}: ${other?.[index]?.split(': ').at(-1)}`],
  );
}
