import { size } from '../../base/range.js';
import { formatSizeColumn } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { type Colors, Layout, measureColumns, measureText, type ViewOptions } from '../text/layout.js';
import { makeView, type View } from '../text/make-view.js';
import { foldMemoryRows, type MemoryLine, NEXT_MEANINGS } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';

/** A map of more lines than this is hard to read. */
const MAX_LINES = 60;

/** Notes in fewer columns than these are hard to read: they get a line of their own. */
const MIN_NOTE_COLUMNS = 24;

interface Column {
  readonly title: string;
  readonly isRight: boolean;
  readonly cell: (line: MemoryLine) => string;
}

const MARK: Column = {
  title: ' ',
  isRight: false,
  cell: ({ segment }) => (segment === undefined ? ' ' : '>'),
};
const START: Column = { title: 'START', isRight: true, cell: ({ range }) => hex(range.start) };
const END: Column = { title: 'END', isRight: true, cell: ({ range }) => hex(range.end) };
const SIZE: Column = { title: 'SIZE', isRight: true, cell: ({ range }) => formatSizeColumn(size(range)) };
const WHAT: Column = { title: 'WHAT', isRight: false, cell: ({ now }) => now.name };
const NOW: Column = { ...WHAT, title: 'NOW' };
const NEXT: Column = { title: 'NEXT', isRight: false, cell: ({ next }) => next?.name ?? '' };

/** The columns of addresses and sizes, most first: a narrow terminal gets those that fit. */
const PLACES = [[START, END, SIZE], [START, SIZE], [START]] as const;

/**
 * A memory map as aligned columns, lowest address first: a mark before segments, start, end (not included), size, the
 * use now and when the next kernel starts, and a note. Small rows are folded: {@link foldMemoryRows}. Where the columns
 * do not fit, the end is left out, then the size. Below the map, the words for what becomes of memory are explained.
 */
export const formatMemoryMap: View<[rows: readonly MemoryRow[], options?: ViewOptions]> = makeView(
  (rows, options) => {
    const layout = new Layout(options);
    const lines = foldMemoryRows(rows, MAX_LINES);
    const isLoaded = lines.some(({ next }) => next !== undefined);
    const table = fitTable(lines, isLoaded ? [NOW, NEXT] : [WHAT], layout.columns);
    const meanings = NEXT_MEANINGS.filter(({ look }) => lines.some(({ next }) => next?.look === look));
    return [
      layout.colors.bold(layout.row(table.header, table.widths)),
      ...lines.map((line, index) =>
        paint(formatLine(line, table.rows[index] ?? [], table, layout), line, layout.colors),
      ),
      ...(meanings.length === 0 ? [] : ['']),
      ...meanings.map(({ meaning }) => layout.line(`  ${meaning}`, 4)),
    ].join('\n');
  },
);

/** A table, and the widths of its columns, negative for those aligned to the right. */
interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly widths: readonly number[];
  /** Where the uses begin. */
  readonly usesColumn: number;
}

/** The table with the most columns that fit. */
function fitTable(lines: readonly MemoryLine[], uses: readonly Column[], columns: number): Table {
  const tables = PLACES.map((places) => buildTable(lines, [MARK, ...places], uses));
  return tables.find(({ widths }) => sumWidths(widths) <= columns) ?? (tables.at(-1) as Table);
}

function buildTable(lines: readonly MemoryLine[], places: readonly Column[], uses: readonly Column[]): Table {
  const shown = [...places, ...uses];
  const header = shown.map(({ title }) => title);
  const rows = lines.map((line) => shown.map(({ cell }) => cell(line)));
  const measured = measureColumns([header, ...rows]);
  const widths = shown.map(({ isRight }, column) => (isRight ? -1 : 1) * (measured[column] ?? 0));
  return { header, rows, widths, usesColumn: sumWidths(widths.slice(0, places.length)) + 2 };
}

function sumWidths(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + Math.abs(width), 2 * (widths.length - 1));
}

/** A line with its note, which goes below the uses if there is no room after them. */
function formatLine(
  { note }: MemoryLine,
  cells: readonly string[],
  { widths, usesColumn }: Table,
  layout: Layout,
): string {
  if (note === undefined) return layout.row(cells, widths);
  const left = layout.columns - sumWidths(widths) - 2;
  if (measureText(note) <= left || left >= MIN_NOTE_COLUMNS) return layout.row(cells, widths, note);
  const column = layout.columns - usesColumn >= MIN_NOTE_COLUMNS ? usesColumn : 4;
  return `${layout.row(cells, widths)}\n${' '.repeat(column)}${layout.wrap(note, column, column)}`;
}

/** Segments are bold and green, crash regions yellow, and free memory and gaps dim. */
function paint(text: string, line: MemoryLine, colors: Colors): string {
  const color = chooseColor(line, colors);
  return text
    .split('\n')
    .map((part) => color(part))
    .join('\n');
}

function chooseColor(
  { ground, segment, isFolded, now }: MemoryLine,
  colors: Colors,
): (text: string) => string {
  if (segment !== undefined) return (text) => colors.bold(colors.green(text));
  if (isFolded || now.look !== ground || ground === 'reserved' || ground === 'driver-managed')
    return (text) => text;
  return ground === 'free' || ground === 'gap' ? colors.dim : colors.yellow;
}
