import { runOracle } from '../support/oracle/ask.js';
import { errnoName, hashOfKind, type RecordedKind, readAnswers, writeAnswers } from './answers.js';
import { askKinds } from './ask-kinds.js';
import type { CaseKind } from './case.js';
import { stricterFiles } from './cases/stricter.js';
import { freshKind, generateKind, KIND_NAMES, stricterCases } from './generate.js';
import { askAboutOurSignatures } from './lockdown.js';
import { printProblems, showProgress } from './report.js';
import { trustStore, verdictOf } from './verdict.js';

/** Options for signatures. */
export interface SignatureOptions {
  /** Whether to record the oracle's answers instead of comparing them with the recorded ones. */
  readonly record: boolean;
  /** Also ask about random cases that are derived from this text. */
  readonly seed?: string | undefined;
  /** The number of these. */
  readonly random: number;
}

/**
 * Asks the oracle about thousands of signatures, and compares its verdicts with those of the code under test.
 *
 * @returns whether they agree on everything
 */
export async function runSignatures(options: SignatureOptions): Promise<boolean> {
  const recorded = KIND_NAMES.map(generateKind);
  const fresh = options.seed === undefined ? [] : [freshKind(options.seed, options.random)];
  const kinds = [...recorded, ...fresh];
  const total = kinds.reduce((sum, { cases }) => sum + cases.length, 0);
  const answers = await askKinds(kinds, (answered) =>
    showProgress(`the oracle has answered ${answered} of ${total} cases`),
  );
  showProgress('');

  const disagreements = kinds.flatMap((kind) => compare(kind, answers.get(kind.name) ?? []));
  printProblems('disagreements', disagreements);
  const stale = options.record ? record(recorded, answers) : compareWithRecorded(recorded, answers);
  printProblems('answers that differ from the recorded ones', stale);

  const unloadable = await askAboutOurSignatures();
  printProblems('our own signatures, under lockdown', unloadable);

  const { counts, problems } = await askWhereStricter();
  printProblems('files that are refused on purpose', problems);
  process.stdout.write(
    `cases ${total}, agreements ${total - disagreements.length}, disagreements ${disagreements.length}, ` +
      `stricter on purpose: ${counts.map(([kind, count]) => `${kind} → ${count}`).join(', ')}\n`,
  );
  return disagreements.length + stale.length + unloadable.length + problems.length === 0;
}

/** The cases of a kind on which oracle and code under test disagree, in words. */
function compare({ name: kind, keyrings, cases }: CaseKind, signatures: readonly number[]): string[] {
  const store = trustStore(keyrings);
  return cases.flatMap(({ name, file }, index) => {
    const ours = ownVerdict(file, store);
    const theirs = errnoName(signatures[index] ?? Number.NaN);
    return ours === theirs ? [] : [`${kind}: ${name}: oracle ${theirs}, we ${ours}`];
  });
}

/** The verdict of the code under test, or the text of an unexpected error. */
function ownVerdict(file: Uint8Array, store: ReturnType<typeof trustStore>): string {
  try {
    return errnoName(verdictOf(file, store));
  } catch (error) {
    return `nothing, but throws ${error instanceof Error ? (error.stack ?? error.message) : error}`;
  }
}

function toRecord(kind: CaseKind, answers: ReadonlyMap<string, readonly number[]>): RecordedKind {
  return { sha256: hashOfKind(kind), signatures: answers.get(kind.name) ?? [] };
}

function record(kinds: readonly CaseKind[], answers: ReadonlyMap<string, readonly number[]>): string[] {
  writeAnswers(new Map(kinds.map((kind) => [kind.name, toRecord(kind, answers)])));
  return [];
}

/** The kinds whose cases or answers differ from the recorded ones. */
function compareWithRecorded(
  kinds: readonly CaseKind[],
  answers: ReadonlyMap<string, readonly number[]>,
): string[] {
  const old = readAnswers();
  return kinds.flatMap((kind) => {
    const before = old.get(kind.name);
    const now = toRecord(kind, answers);
    if (before?.sha256 !== now.sha256)
      return [`${kind.name}: the cases have changed: record them with --record`];
    return kind.cases.flatMap(({ name }, index) => {
      const [then, today] = [before.signatures[index], now.signatures[index]].map((errno) =>
        errnoName(errno ?? 0),
      );
      return then === today ? [] : [`${kind.name}: ${name}: recorded ${then}, now ${today}`];
    });
  });
}

/**
 * Checks the files that are refused on purpose: we must refuse every one, and the oracle, in a boot for each kind, must
 * crash on a file of that kind, or accept it.
 *
 * @returns the number of cases of each kind, and what differs from that
 */
async function askWhereStricter(): Promise<{ counts: [string, number][]; problems: string[] }> {
  const counts: [string, number][] = [];
  const problems: string[] = [];
  const store = trustStore('builtin');
  const generated = KIND_NAMES.flatMap(stricterCases);
  for (const [kind, { file, oracle }] of Object.entries(stricterFiles())) {
    const shown = { name: 'the file for the oracle', file, kind };
    const cases = [shown, ...generated.filter((one) => one.kind === kind)];
    counts.push([kind, cases.length]);
    const accepted = cases.filter((one) => ownVerdict(one.file, store) === 'ok');
    problems.push(...accepted.map(({ name }) => `${kind}: we accept ${name}`));
    const [answer] = (await runOracle([{ kernel: file }])).answers;
    if (oracle === 'crashes' ? answer !== undefined : answer?.signature !== 0) {
      problems.push(`${kind}: expected that the oracle ${oracle}`);
    }
  }
  return { counts, problems };
}
