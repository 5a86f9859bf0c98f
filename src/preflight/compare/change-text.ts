/** What `preflight --against` prints: a table of the machines for which something has changed. */
import { DEFAULT_COLUMNS, Layout, type ViewOptions } from '../../view/text/layout.js';
import { makeView, type View } from '../../view/text/make-view.js';
import { arrangeNames, GAP } from '../name-column.js';
import { describeChange, formatChangeCounts, nameVerdict } from './change-wording.js';
import type { ChangeCounts, FleetRow } from './compare-rows.js';

/** The columns of the table, which are known before its first row is. */
export interface ChangeTable extends ViewOptions {
  /** Columns for the names of machines. */
  readonly nameWidth: number;
}

const VERDICT_WIDTH = 'unreadable'.length;

/**
 * Arranges the table for a fleet.
 *
 * @param files - of all machines, those that are gone among them
 * @returns the columns, and the names to print for the files, in their order
 */
export function arrangeChangeTable(
  files: readonly string[],
  options: ViewOptions,
): { readonly table: ChangeTable; readonly names: readonly string[] } {
  const { columns = DEFAULT_COLUMNS } = options;
  const { nameWidth, names } = arrangeNames(files, columns, 2 * (VERDICT_WIDTH + GAP));
  return { table: { ...options, nameWidth }, names };
}

/** The line above the rows. */
export const formatChangeHeading: View<[table: ChangeTable]> = makeView((table) => {
  const layout = new Layout(table);
  return layout.colors.bold(formatCells(layout, table, ['MACHINE', 'BEFORE', 'NOW'], 'CHANGE'));
});

/**
 * A machine: its verdict before and now, and what has changed.
 *
 * @param name - as `arrangeChangeTable()` returns it for the row's file
 */
export const formatChangeRow: View<[compared: FleetRow, name: string, table: ChangeTable]> = makeView(
  (compared, name, table) => {
    const layout = new Layout(table);
    const { green, red } = layout.colors;
    const now = nameVerdict(compared.row);
    const worse = compared.change === 'stopped';
    const painted = worse ? red(now) : compared.change === 'started' ? green(now) : now;
    return formatCells(
      layout,
      table,
      [name, nameVerdict(compared.before), painted],
      describeChange(compared),
    );
  },
);

function formatCells(
  layout: Layout,
  { nameWidth }: ChangeTable,
  cells: readonly [name: string, before: string, now: string],
  text: string,
): string {
  return layout.row(cells, [nameWidth, VERDICT_WIDTH, VERDICT_WIDTH], text);
}

/** How many machines have which change. @param against - the earlier report, or the other kernel */
export const formatChangeSummary: View<[counts: ChangeCounts, against: string, options?: ViewOptions]> =
  makeView((counts, against, options) => {
    const layout = new Layout(options);
    return layout.colors.bold(layout.line(`Compared with ${against}: ${formatChangeCounts(counts)}`, 2));
  });
