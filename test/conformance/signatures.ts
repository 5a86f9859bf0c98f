import { runOracle } from '../support/oracle/ask.js';
import { errnoName, hashOfKind, type RecordedKind, readAnswers, writeAnswers } from './answers.js';
import { askKinds } from './ask-kinds.js';
import type { CaseKind } from './case.js';
import { stricterFiles } from './cases/stricter.js';
import { freshKind, generateKind, KIND_NAMES, stricterCases } from './generate.js';
import { askAboutOurSignatures } from './lockdown.js';
import { say, tell } from './report.js';
import { trustStore, verdictOf } from './verdict.js';

/** What shall be done with signatures. */
export interface SignatureOptions {
  /** Write the oracle's answers down, and do not compare them with the recorded ones. */
  readonly record: boolean;
  /** Ask about random cases that follow from this text as well. */
  readonly seed?: string | undefined;
  /** How many. */
  readonly random: number;
}

/**
 * Asks the oracle about thousands of signatures, and compares what it says with what the code under test says.
 *
 * @returns whether they agree on everything
 */
export async function runSignatures(options: SignatureOptions): Promise<boolean> {
  const recorded = KIND_NAMES.map(generateKind);
  const fresh = options.seed === undefined ? [] : [freshKind(options.seed, options.random)];
  const kinds = [...recorded, ...fresh];
  const total = kinds.reduce((sum, { cases }) => sum + cases.length, 0);
  const answers = await askKinds(kinds, (answered) => say(`the oracle has answered ${answered} of ${total}`));
  say('');

  const disagreements = kinds.flatMap((kind) => compare(kind, answers.get(kind.name) ?? []));
  tell('disagreements', disagreements);
  const stale = options.record ? record(recorded, answers) : compareWithRecorded(recorded, answers);
  tell('answers that are not the recorded ones', stale);

  const unloadable = await askAboutOurSignatures();
  tell('what we sign, under lockdown', unloadable);

  const { counts, problems } = await askWhereStricter();
  tell('where we are stricter on purpose', problems);
  process.stdout.write(
    `cases ${total}, agreements ${total - disagreements.length}, disagreements ${disagreements.length}, ` +
      `stricter on purpose: ${counts.map(([kind, count]) => `${kind} → ${count}`).join(', ')}\n`,
  );
  return disagreements.length + stale.length + unloadable.length + problems.length === 0;
}

/** The cases of a kind that the code under test judges otherwise, in words. */
function compare({ name: kind, keyrings, cases }: CaseKind, signatures: readonly number[]): string[] {
  const store = trustStore(keyrings);
  return cases.flatMap(({ name, file }, index) => {
    const ours = ownVerdict(file, store);
    const theirs = errnoName(signatures[index] ?? Number.NaN);
    return ours === theirs ? [] : [`${kind}: ${name}: the oracle says ${theirs}, we say ${ours}`];
  });
}

/** What the code under test says, though it be an error that should not have got out. */
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

/** Kinds whose cases, or the oracle's answers to them, are others than those in the repository. */
function compareWithRecorded(
  kinds: readonly CaseKind[],
  answers: ReadonlyMap<string, readonly number[]>,
): string[] {
  const old = readAnswers();
  return kinds.flatMap((kind) => {
    const before = old.get(kind.name);
    const now = toRecord(kind, answers);
    if (before?.sha256 !== now.sha256)
      return [`${kind.name}: the cases are others: record them with --record`];
    return kind.cases.flatMap(({ name }, index) => {
      const [then, today] = [before.signatures[index], now.signatures[index]].map((errno) =>
        errnoName(errno ?? 0),
      );
      return then === today ? [] : [`${kind.name}: ${name}: recorded ${then}, now ${today}`];
    });
  });
}

/**
 * Where we are stricter than the kernel: how many cases of each kind there are; and what does not hold of them: that we
 * refuse every one, and that the oracle crashes over one of each, or accepts it, in a boot of its own.
 */
async function askWhereStricter(): Promise<{ counts: [string, number][]; problems: string[] }> {
  const counts: [string, number][] = [];
  const problems: string[] = [];
  const store = trustStore('builtin');
  const generated = KIND_NAMES.flatMap(stricterCases);
  for (const [kind, { file, oracle }] of Object.entries(stricterFiles())) {
    const shown = { name: 'the one that is shown to the oracle', file, kind };
    const cases = [shown, ...generated.filter((one) => one.kind === kind)];
    counts.push([kind, cases.length]);
    const accepted = cases.filter((one) => ownVerdict(one.file, store) === 'ok');
    problems.push(...accepted.map(({ name }) => `${kind}: we accept ${name}`));
    const [answer] = (await runOracle([{ kernel: file }])).answers;
    if (oracle === 'crashes' ? answer !== undefined : answer?.signature !== 0) {
      problems.push(`${kind}: it is not so that the oracle ${oracle}`);
    }
  }
  return { counts, problems };
}
