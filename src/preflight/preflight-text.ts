/** What `preflight` prints: a table whose rows are printed as they come, and the summary. */
import { createColors } from 'picocolors';
import { makeView, type View } from '../view/text/make-view.js';
import { formatLabelled } from '../view/text/wrap-text.js';
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

export interface PreflightTextOptions extends PreflightColumns {
  /** Columns for the names of machines. A longer name moves the rest of its row. */
  readonly nameWidth: number;
  readonly color: boolean;
}

const VERDICT_WIDTH = 10;
const CRASH_WIDTH = 8;
/** An address below 2^40. A higher one moves the rest of its row. */
const ADDRESS_WIDTH = 12;
const COUNT_WIDTH = 7;

/** The line above the rows. */
export const formatPreflightHeading: View<[options: PreflightTextOptions]> = makeView((options) => {
  const addresses = listAddressColumns(options).map((name) => name.toUpperCase());
  return createColors(options.color).bold(
    formatCells(options, ['MACHINE', 'VERDICT', 'CRASH', ...addresses]),
  );
});

/** A machine: its verdict, that of its crash region, and the addresses of segments or the reason of the refusal. */
export const formatPreflightRow: View<[row: PreflightRow, options: PreflightTextOptions]> = makeView(
  (row, options) => {
    const { green, red, yellow, dim } = createColors(options.color);
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
export const formatPreflightSummary: View<[summary: PreflightSummary, options: { readonly color: boolean }]> =
  makeView((summary, { color }) => {
    const counts = listFleetParts(summary)
      .filter(({ verdict, count }) => verdict !== 'unreadable' || count > 0)
      .map(({ count, label }) => `${formatCount(count)} ${label}`)
      .join(', ');
    const crash = describeCrashLoads(summary);
    const total = `${formatMachineCount(summary.machines)}: ${counts}${crash === undefined ? '' : `; ${crash}`}`;
    return [
      createColors(color).bold(total),
      ...formatCauses('Why not', summary.causes),
      ...formatCauses('Why not as a crash kernel', summary.crash.causes),
    ].join('\n');
  });

function formatCauses(title: string, causes: readonly Cause[]): string[] {
  if (causes.length === 0) return [];
  return ['', title, ...causes.flatMap(formatCauseLines)];
}

function formatCauseLines(cause: Cause): string[] {
  const indent = COUNT_WIDTH + 2;
  return [
    `${formatCount(cause.count).padStart(COUNT_WIDTH)}  ${formatCause(cause)}`,
    formatLabelled(indent, 'rule', cause.rule),
    formatLabelled(indent, 'cure', cause.cure),
  ];
}
