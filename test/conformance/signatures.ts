import { runOracle } from '../support/oracle/ask.js';
import type { Oracle, OracleRelease } from '../support/oracle/oracle.js';
import {
  errnoName,
  hashOfKind,
  type RecordedKind,
  readAnswers,
  SIGNATURE_ANSWERS,
  writeAnswers,
} from './answers.js';
import { askKinds } from './ask-kinds.js';
import type { CaseKind } from './case.js';
import { stricterFiles } from './cases/stricter.js';
import { freshKind, generateKind, KIND_NAMES, stricterCases } from './generate.js';
import { askAboutIma } from './ima.js';
import { askAboutOurSignatures } from './lockdown.js';
import type { ConformanceOptions } from './options.js';
import { printProblems, showProgress } from './report.js';
import { isSelected, selectCases } from './selection.js';
import { trustStore, verdictOf } from './verdict.js';

/**
 * A file that makes the oracle read outside of it is passed so many times: it crashes only where the memory behind the
 * file is not mapped.
 */
const ATTEMPTS = 16;

/** The numbers of errnos, or 0, for each case of a kind. */
type Answers = ReadonlyMap<string, readonly number[]>;

/**
 * Asks an oracle about thousands of signatures, and compares its verdicts with those of the code under test, by the
 * rules of the oracle's release.
 *
 * @returns whether they agree on everything
 */
export async function runSignatures(oracle: Oracle, options: ConformanceOptions): Promise<boolean> {
  const { release } = oracle;
  const known = KIND_NAMES.map(generateKind).map((kind) => (options.all ? kind : selectCases(kind, release)));
  const fresh = options.seed === undefined ? [] : [freshKind(options.seed, options.random)];
  const kinds = [...known, ...fresh];
  const total = kinds.reduce((sum, { cases }) => sum + cases.length, 0);
  const answers = await askKinds(oracle, kinds, (answered) =>
    showProgress(`Linux ${release} has answered ${answered} of ${total} cases`),
  );
  showProgress('');

  const disagreements = kinds.flatMap((kind) => compare(kind, release, answers.get(kind.name) ?? []));
  printProblems(`disagreements with Linux ${release}`, disagreements);
  if (options.record) record(release, options, answers);
  const stale = known.flatMap((kind) => compareWithRecorded(kind, release, options, answers));
  printProblems(`answers of Linux ${release} that differ from the recorded ones`, stale);

  const unloadable = await askAboutOurSignatures(oracle);
  printProblems(`our own signatures, under lockdown, Linux ${release}`, unloadable);

  const ima = await askAboutIma(oracle);
  printProblems(`IMA's policies and lockdown, Linux ${release}`, ima.problems);

  const { counts, problems } = await askWhereStricter(oracle);
  printProblems(`files that are refused on purpose, Linux ${release}`, problems);
  process.stdout.write(
    `Linux ${release}: cases ${total}, agreements ${total - disagreements.length}, ` +
      `disagreements ${disagreements.length}, ` +
      `stricter on purpose: ${counts.map(([kind, count]) => `${kind} → ${count}`).join(', ')}\n`,
  );
  process.stdout.write(
    `Linux ${release}: calls under IMA's policies and lockdown ${ima.count}, disagreements ${ima.problems.length}\n`,
  );
  const wrong = [disagreements, stale, unloadable, ima.problems, problems];
  return wrong.every(({ length }) => length === 0);
}

/** The cases of a kind on which oracle and code under test disagree, in words. */
function compare(kind: CaseKind, release: OracleRelease, signatures: readonly number[]): string[] {
  const store = trustStore(kind.keyrings, release);
  return kind.cases.flatMap(({ name, file }, index) => {
    const ours = ownVerdict(file, store);
    const theirs = errnoName(signatures[index] ?? Number.NaN);
    return ours === theirs ? [] : [`${kind.name}: ${name}: oracle ${theirs}, we ${ours}`];
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

/** Records the answers to the selected cases; with `--all`, there are others, too. */
function record(release: OracleRelease, { all }: ConformanceOptions, answers: Answers): void {
  const kinds = KIND_NAMES.map(generateKind).map((kind): [string, RecordedKind] => {
    const asked = answers.get(kind.name) ?? [];
    const signatures = all ? asked.filter((_, index) => isSelected(kind.name, index, release)) : asked;
    return [kind.name, { sha256: hashOfKind(selectCases(kind, release)), signatures }];
  });
  writeAnswers(SIGNATURE_ANSWERS[release], new Map(kinds));
}

/** The cases of a kind that have changed, or whose answers differ from the recorded ones. */
function compareWithRecorded(
  { name: kind, cases }: CaseKind,
  release: OracleRelease,
  { all }: ConformanceOptions,
  answers: Answers,
): string[] {
  const whole = generateKind(kind);
  const before = readAnswers(SIGNATURE_ANSWERS[release]).get(kind);
  if (before?.sha256 !== hashOfKind(selectCases(whole, release))) {
    return [`${kind}: the cases have changed: record them with --record`];
  }
  const then = all ? recordedOfAll(whole, release) : before.signatures;
  return cases.flatMap(({ name }, index) => {
    const [old, now] = [then, answers.get(kind)].map((errnos) => errnoName(errnos?.[index] ?? Number.NaN));
    return old === now ? [] : [`${kind}: ${name}: recorded ${old}, now ${now}`];
  });
}

/** The recorded answer to each case of a kind; where none is recorded for the release, that of Linux 6.12. */
function recordedOfAll({ name, cases }: CaseKind, release: OracleRelease): number[] {
  const selected = [...(readAnswers(SIGNATURE_ANSWERS[release]).get(name)?.signatures ?? [])];
  const older = readAnswers(SIGNATURE_ANSWERS['6.12']).get(name)?.signatures ?? [];
  return cases.map(
    (_, index) => (isSelected(name, index, release) ? selected.shift() : older[index]) ?? Number.NaN,
  );
}

/**
 * Checks the files that are refused on purpose: we must refuse every one, and the oracle, in a boot for each kind, must
 * crash on a file of that kind, or accept it each time.
 *
 * @returns the number of cases of each kind, and what differs from that
 */
async function askWhereStricter(oracle: Oracle): Promise<{ counts: [string, number][]; problems: string[] }> {
  const counts: [string, number][] = [];
  const problems: string[] = [];
  const store = trustStore('builtin', oracle.release);
  const generated = KIND_NAMES.flatMap(stricterCases);
  for (const [kind, { file, oracle: reaction }] of Object.entries(stricterFiles())) {
    const shown = { name: 'the file for the oracle', file, kind };
    const cases = [shown, ...generated.filter((one) => one.kind === kind)];
    counts.push([kind, cases.length]);
    const accepted = cases.filter((one) => ownVerdict(one.file, store) === 'ok');
    problems.push(...accepted.map(({ name }) => `${kind}: we accept ${name}`));
    const requests = Array.from({ length: ATTEMPTS }, () => ({ kernel: file }));
    const { answers } = await runOracle(oracle, requests);
    const isExpected =
      reaction === 'crashes' ? answers.length < ATTEMPTS : answers.every(({ signature }) => signature === 0);
    if (!isExpected) problems.push(`${kind}: expected that the oracle ${reaction}`);
  }
  return { counts, problems };
}
