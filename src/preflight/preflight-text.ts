import { createColors } from 'picocolors';
import type { PreflightRow } from './preflight-machine.js';
import type { Cause, PreflightSummary } from './tally.js';
import { causeOf, count, crashSentence, machines, nameOf, parts, placeOf, plain } from './wording.js';

export interface PreflightTextOptions {
  /** Characters that the names of machines take; longer ones move their row. */
  readonly nameWidth: number;
  /** Whether an initrd is loaded: then there is a column for where. */
  readonly hasInitrd: boolean;
  /** Whether the load that was asked for is a crash kernel: then there is no other. */
  readonly isCrash: boolean;
  readonly color: boolean;
}

const VERDICT_WIDTH = 10;
const CRASH_WIDTH = 8;
/** Of an address below 2^40; the few that are longer move their row. */
const ADDRESS_WIDTH = 12;

/** The line above the rows. */
export function formatPreflightHeading(options: PreflightTextOptions): string {
  const { bold } = createColors(options.color);
  const addresses = ['KERNEL', ...(options.hasInitrd ? ['INITRD'] : []), 'DTB'];
  return bold(line(options, 'MACHINE', 'VERDICT', 'CRASH', addresses));
}

/** A machine: whether it loads the kernel, whether its crash region holds it, and where it lands, or why not. */
export function formatPreflightRow(row: PreflightRow, options: PreflightTextOptions): string {
  const { green, red, yellow, dim } = createColors(options.color);
  if (row.outcome === undefined) {
    const { detail } = row.unreadable;
    const why = `${causeOf(row.unreadable)}: ${plain(detail)}`;
    return yellow(line(options, nameOf(row), 'unreadable', '', [why]));
  }
  const { outcome, crash } = row;
  const fits = crash === undefined ? '-' : crash.verdict === 'loads' ? 'fits' : 'refused';
  if (outcome.verdict === 'refused') {
    const why = `${causeOf(outcome.refusal)}: ${plain(outcome.refusal.detail)}`;
    return red(line(options, nameOf(row), 'refused', fits, [why]));
  }
  const addresses = (['kernel', ...(options.hasInitrd ? ['initrd' as const] : []), 'dtb'] as const).map(
    (name) => placeOf(outcome, name) ?? '-',
  );
  const found = line(options, nameOf(row), green('loads'.padEnd(VERDICT_WIDTH)), fits, addresses);
  return crash?.verdict === 'refused'
    ? `${found}  ${dim(`as a crash kernel: ${causeOf(crash.refusal)}`)}`
    : found;
}

function line(
  { nameWidth, isCrash }: PreflightTextOptions,
  name: string,
  verdict: string,
  crash: string,
  rest: readonly string[],
): string {
  const columns = [
    name.padEnd(nameWidth),
    verdict.padEnd(VERDICT_WIDTH),
    ...(isCrash ? [] : [crash.padEnd(CRASH_WIDTH)]),
    ...rest.map((text) => text.padEnd(ADDRESS_WIDTH)),
  ];
  return columns.join('  ').trimEnd();
}

/** How many machines load it, and why the others do not: the rule and the cure of each cause. */
export function formatPreflightSummary(summary: PreflightSummary, { color }: { color: boolean }): string {
  const { bold } = createColors(color);
  const counts = parts(summary)
    .filter(({ verdict, number }) => verdict !== 'unreadable' || number > 0)
    .map(({ number, label }) => `${count(number)} ${label}`)
    .join(', ');
  const crash = crashSentence(summary);
  return [
    bold(`${machines(summary.machines)}: ${counts}${crash === undefined ? '' : `; ${crash}`}`),
    ...causesText('Why not', summary.causes),
    ...causesText('Why not as a crash kernel', summary.crash.causes),
  ].join('\n');
}

function causesText(title: string, causes: readonly Cause[]): string[] {
  if (causes.length === 0) return [];
  const width = Math.max(...causes.map((cause) => causeOf(cause).length));
  return [
    '',
    title,
    ...causes.flatMap((cause) => [
      `${count(cause.count).padStart(7)}  ${causeOf(cause).padEnd(width)}  rule  ${cause.rule}`,
      `${' '.repeat(11 + width)}cure  ${cause.cure}`,
    ]),
  ];
}
