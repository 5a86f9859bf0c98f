/** What `preflight` prints: a table whose rows are printed as they come, and the summary. */
import { DEFAULT_COLUMNS, Layout, type ViewOptions } from '../view/text/layout.js';
import { makeView, type View } from '../view/text/make-view.js';
import { arrangeNames, GAP } from './name-column.js';
import type { Outcome, PreflightRow } from './preflight-machine.js';
import type { Cause, PreflightSummary } from './tally.js';
import {
  type AddressColumn,
  describeCrashLoads,
  describeLostDumps,
  formatAddress,
  formatCause,
  formatCount,
  formatMachineCount,
  formatReason,
  listAddressColumns,
  listFleetParts,
  type PreflightColumns,
} from './wording.js';

/** The columns of the table, which are known before its first row is. */
export interface PreflightTable extends PreflightColumns, ViewOptions {
  /** Columns for the names of machines. */
  readonly nameWidth: number;
  /** The segments whose addresses fit beside the rest. */
  readonly addresses: readonly AddressColumn[];
}

const VERDICT_WIDTH = 'unreadable'.length;
const CRASH_WIDTH = 'refused'.length;
/** Physical addresses have at most 52 bits on arm64. */
const ADDRESS_WIDTH = '0xfffffffffffff'.length;
const COUNT_WIDTH = 7;

/**
 * Arranges the table for a fleet: the column of names is as wide as the longest, if that leaves room for the reasons of
 * refusals, and addresses have columns as far as they fit beside them.
 *
 * @param files - of all machines
 * @returns the columns, and the names to print for the files, in their order
 */
export function arrangePreflightTable(
  files: readonly string[],
  options: PreflightColumns & ViewOptions,
): { readonly table: PreflightTable; readonly names: readonly string[] } {
  const { columns = DEFAULT_COLUMNS, isCrash } = options;
  const verdicts = VERDICT_WIDTH + GAP + (isCrash ? 0 : CRASH_WIDTH + GAP);
  const { nameWidth, names, room } = arrangeNames(files, columns, verdicts);
  const fitting = Math.max(0, Math.floor(room / (ADDRESS_WIDTH + GAP)));
  return {
    table: { ...options, nameWidth, addresses: listAddressColumns(options).slice(0, fitting) },
    names,
  };
}

/** The line above the rows. */
export const formatPreflightHeading: View<[table: PreflightTable]> = makeView((table) => {
  const layout = new Layout(table);
  const addresses = table.addresses.map((name) => name.toUpperCase());
  return layout.colors.bold(formatCells(layout, table, ['MACHINE', 'VERDICT', 'CRASH', ...addresses], 'WHY'));
});

/**
 * A machine: its verdict, that of its crash region, and the addresses of segments or the reason of the refusal.
 *
 * @param name - as `arrangePreflightTable()` returns it for the row's file
 */
export const formatPreflightRow: View<[row: PreflightRow, name: string, table: PreflightTable]> = makeView(
  (row, name, table) => {
    const layout = new Layout(table);
    const { green, red, yellow } = layout.colors;
    const format = (verdict: string, crash: string, outcome: Outcome | undefined, why?: string) => {
      const addresses = table.addresses.map((segment) => formatAddress(outcome, segment) ?? '-');
      return formatCells(layout, table, [name, verdict, crash, ...addresses], why);
    };
    if (row.outcome === undefined)
      return format(yellow('unreadable'), '-', undefined, formatReason(row.unreadable));
    const { outcome, crash } = row;
    const fits = describeCrashOutcome(crash);
    if (outcome.verdict === 'refused')
      return format(red('refused'), fits, outcome, formatReason(outcome.refusal));
    const why = crash?.verdict === 'refused' ? `as a crash kernel: ${formatCause(crash.refusal)}` : undefined;
    return format(green('loads'), fits, outcome, why);
  },
);

function describeCrashOutcome(crash: Outcome | undefined): string {
  if (crash === undefined) return '-';
  return crash.verdict === 'loads' ? 'fits' : 'refused';
}

function formatCells(
  layout: Layout,
  { nameWidth, isCrash }: PreflightTable,
  [name, verdict, crash, ...addresses]: readonly [name: string, verdict: string, crash: string, ...string[]],
  why?: string,
): string {
  return layout.row(
    [name, verdict, ...(isCrash ? [] : [crash]), ...addresses],
    [nameWidth, VERDICT_WIDTH, ...(isCrash ? [] : [CRASH_WIDTH]), ...addresses.map(() => ADDRESS_WIDTH)],
    why,
  );
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
    const lost = describeLostDumps(summary);
    const total = `${formatMachineCount(summary.machines)}: ${counts}${crash === undefined ? '' : `; ${crash}`}`;
    return [
      layout.colors.bold(layout.line(total, 2)),
      ...(lost === undefined ? [] : [layout.line(lost, 2)]),
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
