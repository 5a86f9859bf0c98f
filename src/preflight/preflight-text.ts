/** What `preflight` prints: a table whose rows are printed as they come, and the summary. */
import { createColors } from 'picocolors';
import { Layout, type ViewOptions } from '../view/text/layout.js';
import { makeView, type View } from '../view/text/make-view.js';
import type { Outcome, PreflightRow, Refusal } from './preflight-machine.js';
import type { Cause, PreflightSummary } from './tally.js';
import {
  describeCrashLoads,
  formatAddress,
  formatCause,
  formatCount,
  formatMachineCount,
  listAddressColumns,
  listFleetParts,
  nameMachine,
  type PreflightColumns,
  sanitize,
} from './wording.js';

export interface PreflightTextOptions extends PreflightColumns, ViewOptions {
  /** Columns for the names of machines. A longer name moves the rest of its row. */
  readonly nameWidth: number;
}

const VERDICT_WIDTH = 10;
const CRASH_WIDTH = 8;
/** An address below 2^40. A higher one moves the rest of its row. */
const ADDRESS_WIDTH = 12;
const COUNT_WIDTH = 7;

/** The line above the rows. */
export const formatPreflightHeading: View<[options: PreflightTextOptions]> = makeView((options) => {
  const addresses = listAddressColumns(options).map((name) => name.toUpperCase());
  return createColors(options.color === true).bold(
    formatCells(options, ['MACHINE', 'VERDICT', 'CRASH', ...addresses]),
  );
});

/** A machine: its verdict, that of its crash region, and the addresses of segments or the reason of the refusal. */
export const formatPreflightRow: View<[row: PreflightRow, options: PreflightTextOptions]> = makeView(
  (row, options) => {
    const { green, red, yellow, dim } = createColors(options.color === true);
    const name = nameMachine(row);
    if (row.outcome === undefined) {
      return yellow(formatCells(options, [name, 'unreadable', '', formatReason(row.unreadable)]));
    }
    const { outcome, crash } = row;
    const fits = describeCrashOutcome(crash);
    if (outcome.verdict === 'refused') {
      return red(formatCells(options, [name, 'refused', fits, formatReason(outcome.refusal)]));
    }
    const addresses = listAddressColumns(options).map((segment) => formatAddress(outcome, segment) ?? '-');
    const cells = formatCells(options, [name, green('loads'.padEnd(VERDICT_WIDTH)), fits, ...addresses]);
    return crash?.verdict === 'refused'
      ? `${cells}  ${dim(`as a crash kernel: ${formatCause(crash.refusal)}`)}`
      : cells;
  },
);

function formatReason(refusal: Refusal): string {
  return `${formatCause(refusal)}: ${sanitize(refusal.detail)}`;
}

function describeCrashOutcome(crash: Outcome | undefined): string {
  if (crash === undefined) return '-';
  return crash.verdict === 'loads' ? 'fits' : 'refused';
}

function formatCells(
  { nameWidth, isCrash }: PreflightTextOptions,
  [name, verdict, crash, ...rest]: readonly [name: string, verdict: string, crash: string, ...string[]],
): string {
  const columns = [
    name.padEnd(nameWidth),
    verdict.padEnd(VERDICT_WIDTH),
    ...(isCrash ? [] : [crash.padEnd(CRASH_WIDTH)]),
    ...rest.map((text) => text.padEnd(ADDRESS_WIDTH)),
  ];
  return columns.join('  ').trimEnd();
}

/** How many machines load the kernel, and for each cause of refusals its rule and cure. */
export const formatPreflightSummary: View<[summary: PreflightSummary, options?: ViewOptions]> = makeView(
  (summary, options) => {
    const layout = new Layout(options);
    const counts = listFleetParts(summary)
      .filter(({ verdict, count }) => verdict !== 'unreadable' || count > 0)
      .map(({ count, label }) => `${formatCount(count)} ${label}`)
      .join(', ');
    const crash = describeCrashLoads(summary);
    const total = `${formatMachineCount(summary.machines)}: ${counts}${crash === undefined ? '' : `; ${crash}`}`;
    return [
      layout.colors.bold(layout.line(total, 2)),
      ...formatCauses('Why not', summary.causes, layout),
      ...formatCauses('Why not as a crash kernel', summary.crash.causes, layout),
    ].join('\n');
  },
);

function formatCauses(title: string, causes: readonly Cause[], layout: Layout): string[] {
  if (causes.length === 0) return [];
  return ['', title, ...causes.flatMap((cause) => formatCauseLines(cause, layout))];
}

function formatCauseLines(cause: Cause, layout: Layout): string[] {
  const indent = COUNT_WIDTH + 2;
  return [
    `${formatCount(cause.count).padStart(COUNT_WIDTH)}  ${formatCause(cause)}`,
    layout.label(indent, 'rule', cause.rule),
    layout.label(indent, 'cure', cause.cure),
  ];
}
