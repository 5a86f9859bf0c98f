import { size } from '../../base/range.js';
import { formatSizeColumn } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { type Colors, Layout, measureColumns, type ViewOptions } from '../text/layout.js';
import { makeView, type View } from '../text/make-view.js';
import { foldMemoryRows, type MemoryLine } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';

/** A map of more lines than this is hard to read. */
const MAX_LINES = 60;

/** The aligned columns. The note follows them. */
const COLUMNS = [
  { title: ' ', isRight: false, cell: ({ segment }: MemoryLine) => (segment === undefined ? ' ' : '>') },
  { title: 'START', isRight: true, cell: ({ range }: MemoryLine) => hex(range.start) },
  { title: 'END', isRight: true, cell: ({ range }: MemoryLine) => hex(range.end) },
  { title: 'SIZE', isRight: true, cell: ({ range }: MemoryLine) => formatSizeColumn(size(range)) },
  { title: 'WHAT', isRight: false, cell: ({ what }: MemoryLine) => what },
] as const;

/**
 * A memory map as aligned columns, lowest address first: a mark before segments, start, end (not included), size, name
 * and note. Small rows are folded: {@link foldMemoryRows}.
 */
export const formatMemoryMap: View<[rows: readonly MemoryRow[], options?: ViewOptions]> = makeView(
  (rows, options) => {
    const layout = new Layout(options);
    const lines = foldMemoryRows(rows, MAX_LINES);
    const header = COLUMNS.map(({ title }) => title);
    const table = lines.map((line) => COLUMNS.map(({ cell }) => cell(line)));
    const measured = measureColumns([header, ...table]);
    const widths = COLUMNS.map(({ isRight }, column) => (isRight ? -1 : 1) * (measured[column] ?? 0));
    return [
      layout.colors.bold(layout.row(header, widths)),
      ...lines.map((line, index) =>
        paint(layout.row(table[index] ?? [], widths, line.note), line, layout.colors),
      ),
    ].join('\n');
  },
);

/** Segments are bold and green, crash regions yellow, and free memory and gaps dim. */
function paint(text: string, { ground, segment, isFolded }: MemoryLine, colors: Colors): string {
  if (segment !== undefined) return colors.bold(colors.green(text));
  if (isFolded || ground === 'reserved' || ground === 'driver-managed') return text;
  return ground === 'free' || ground === 'gap' ? colors.dim(text) : colors.yellow(text);
}
