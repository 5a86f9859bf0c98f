import { createColors } from 'picocolors';
import { ERRNO, ERRNO_TEXT, type Errno } from '../base/errno.js';
import type { KexecError } from '../base/error.js';
import { formatRange } from '../base/range.js';
import type { Candidate, Standing } from '../explain/candidates.js';
import type { ExplainedEntry, Explanation, NamedCheck } from '../explain/explanation.js';
import type { LogMatch } from '../explain/kernel-log.js';
import { wrapped } from './wrapped.js';

type Colors = ReturnType<typeof createColors>;

interface TextOptions {
  readonly color: boolean;
}

/** Checks that are told at length: more are told by their rules. */
const FEW = 5;

/** The column at which what belongs to a check goes on in further lines. */
const HANG = 10;

/** A load, explained: what ended it first, then all that was looked at, by subject. */
export function explanationText(
  { refusal, groups }: Explanation,
  {
    title,
    asItIs,
    color,
  }: TextOptions & { readonly title: string; readonly asItIs?: KexecError | undefined },
): string {
  const colors = createColors(color);
  const verdict =
    refusal === undefined
      ? colors.green('loads')
      : colors.red(`refused${refusal.errno === undefined ? '' : `: ${errnoText(refusal.errno)}`}`);
  const before =
    refusal === undefined ? 'What was checked' : `What was checked before step ${refusal.step}, the refusal`;
  return [
    `${title}: ${verdict}`,
    ...(refusal === undefined ? [] : [checkText(refusal, refusal.detail, colors) + holesText(refusal)]),
    ...(asItIs === undefined ? [] : [asItIsText(asItIs)]),
    ...(groups.length === 0 ? [] : [`${before}; the numbers are the kernel's order`]),
    ...groups.map(({ group, entries }) =>
      [group, ...entries.map((one) => entryText(one, colors))].join('\n'),
    ),
  ].join('\n\n');
}

function asItIsText({ check, errno, seen }: KexecError): string {
  const text =
    `Handed to kexec_file_load(2) as it is, the file is refused: ${errnoText(errno)}, ${check}: ${seen}. ` +
    'The kernel takes an Image alone; user space takes it out first, as is done here.';
  return wrapped(text, 0, 0);
}

/** An errno as people meet it: its name, its number, perror's words. */
function errnoText(errno: Errno): string {
  return `${errno} (${ERRNO[errno]}, ${ERRNO_TEXT[errno]})`;
}

const HEADINGS: Readonly<Record<Standing, string>> = {
  found: 'What it is, by the facts at hand',
  possible: 'What it may be',
  'ruled out': 'What it is not, by the facts at hand',
};

/** The checks that an errno may come from: those that are ruled out in a line each. */
export function candidatesText(
  errno: Errno,
  candidates: readonly Candidate[],
  { meanings, color }: TextOptions & { readonly meanings: Readonly<Record<string, string | undefined>> },
): string {
  const colors = createColors(color);
  const calls = Object.entries(meanings).flatMap(([call, meaning]) =>
    meaning === undefined ? [] : [`  ${wrapped(`${call}: ${meaning}`, 2, HANG)}`],
  );
  const of = (standing: Standing): readonly Candidate[] =>
    candidates.filter((candidate) => candidate.standing === standing);
  const groups = [
    [HEADINGS.found, of('found').map((one) => checkText(one, one.why, colors))],
    [HEADINGS.possible, possibleTexts(of('possible'), colors)],
    [HEADINGS['ruled out'], ruledOutTexts(of('ruled out'), colors)],
  ] as const;
  return [
    [errnoText(errno), ...calls].join('\n'),
    ...groups.flatMap(([heading, texts]) => (texts.length === 0 ? [] : [[heading, ...texts].join('\n')])),
  ].join('\n\n');
}

/** Checks that the facts leave open, by what would have to be known. */
function possibleTexts(candidates: readonly Candidate[], colors: Colors): string[] {
  return [...new Set(candidates.map(({ why }) => why))].map((why) =>
    [
      `  ${wrapped(`undecided: ${why}`, 2, HANG)}`,
      ...candidates
        .filter((candidate) => candidate.why === why)
        .flatMap(({ check, rule, cure }) => [
          shortText(check, rule, colors.yellow),
          `${' '.repeat(HANG)}cure  ${wrapped(cure, HANG + 6, HANG + 6)}`,
        ]),
    ].join('\n'),
  );
}

/** Checks that the facts rule out, a line for each fact. */
function ruledOutTexts(candidates: readonly Candidate[], colors: Colors): string[] {
  return [...new Set(candidates.map(({ why }) => why))].map((why) => {
    const checks = candidates.filter((candidate) => candidate.why === why).map(({ check }) => check);
    return `  ${wrapped(`${checks.map(colors.green).join(', ')}: ${why}`, 2, HANG)}`;
  });
}

/** A check, and a line of it. */
function shortText(check: string, text: string, paint: (text: string) => string): string {
  return `    ${paint(check)}: ${wrapped(text, 6 + check.length, HANG)}`;
}

/** What a kernel's log said of kexec, with the checks behind it. */
export function logText(
  matches: readonly LogMatch[],
  { name, lines, color }: TextOptions & { readonly name: string; readonly lines: number },
): string {
  const colors = createColors(color);
  const title = `${name}, ${lines} ${lines === 1 ? 'line' : 'lines'}`;
  if (matches.length === 0) return `${title}: nothing of kexec or kdump is known in it`;
  return [`${title}: what it says of kexec and kdump`, ...matches.map((one) => matchText(one, colors))].join(
    '\n\n',
  );
}

function matchText({ text, line, times, errno, meaning, checks }: LogMatch, colors: Colors): string {
  const often = times === 1 ? '' : `, and ${times - 1} times more`;
  const errnoLine =
    errno === undefined
      ? []
      : [`  ${wrapped(`${errnoText(errno)}${meaning === undefined ? '' : `: ${meaning}`}`, 2, HANG)}`];
  const behind =
    checks.length <= FEW
      ? checks.map((check) => checkText(check, undefined, colors))
      : checks.map(
          ({ check, rule }) => `  ${colors.yellow(check)}: ${wrapped(rule, 4 + check.length, HANG)}`,
        );
  return [`line ${line}${often}: ${colors.bold(text)}`, ...errnoLine, ...behind].join('\n');
}

/** A check at length: what was seen, the rule, who sets it, and the cure. */
function checkText(
  { check, group, rule, source, cure }: NamedCheck,
  seen: string | undefined,
  colors: Colors,
): string {
  const line = (name: string, text: string): string => `    ${name}  ${wrapped(text, HANG, HANG)}`;
  return [
    `  ${colors.red(check)} (${group})`,
    ...(seen === undefined ? [] : [line('seen', seen)]),
    line('rule', rule),
    colors.dim(line('from', source)),
    `    ${colors.bold('cure')}  ${wrapped(cure, HANG, HANG)}`,
  ].join('\n');
}

/** An entry in a line; a note, with what it is about. */
function entryText(entry: ExplainedEntry, colors: Colors): string {
  const { step, check, verdict, detail, rule, cure } = entry;
  const paint = verdict === 'ok' ? colors.green : colors.yellow;
  const start = `  ${String(step).padStart(3)}  ${verdict.padEnd(4)}  ${check}: `;
  const hang = 13;
  const first =
    `  ${String(step).padStart(3)}  ${paint(verdict.padEnd(4))}  ${check}: ` +
    wrapped(detail, start.length, hang) +
    holesText(entry);
  if (verdict === 'ok') return first;
  const line = (name: string, text: string): string =>
    `${' '.repeat(hang)}${name}  ${wrapped(text, hang + 6, hang + 6)}`;
  return [first, line('rule', rule), line('cure', cure)].join('\n');
}

/** Every piece of memory that was looked at for a segment. */
function holesText({ holes = [] }: ExplainedEntry): string {
  return holes.map(({ range, why }) => `\n${' '.repeat(HANG)}${formatRange(range)}: ${why}`).join('');
}
