import { createColors } from 'picocolors';
import { size } from '../../base/range.js';
import { formatSizeColumn } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { makeView, type View } from '../text/make-view.js';
import { foldMemoryRows, type MemoryLine } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';

/** A map of more lines than this is hard to read. */
const MAX_LINES = 60;

/** The aligned columns. The note follows them. */
const COLUMNS = [
  { title: ' ', pad: 'padEnd', cell: ({ segment }: MemoryLine) => (segment === undefined ? ' ' : '>') },
  { title: 'START', pad: 'padStart', cell: ({ range }: MemoryLine) => hex(range.start) },
  { title: 'END', pad: 'padStart', cell: ({ range }: MemoryLine) => hex(range.end) },
  { title: 'SIZE', pad: 'padStart', cell: ({ range }: MemoryLine) => formatSizeColumn(size(range)) },
  { title: 'WHAT', pad: 'padEnd', cell: ({ what }: MemoryLine) => what },
] as const;

/**
 * A memory map as aligned columns, lowest address first: a mark before segments, start, end (not included), size,
 * name and note. Small rows are folded: {@link foldMemoryRows}.
 */
export const formatMemoryMap: View<[rows: readonly MemoryRow[], options: { readonly color: boolean }]> =
  makeView((rows, { color }) => {
    const lines = foldMemoryRows(rows, MAX_LINES);
    const header = COLUMNS.map(({ title }) => title as string);
    const table = lines.map((line) => COLUMNS.map(({ cell }) => cell(line)));
    const widths = table.reduce(
      (widest, cells) => widest.map((width, column) => Math.max(width, cells[column]?.length ?? 0)),
      header.map(({ length }) => length),
    );
    const align = (cells: readonly string[], note = '') =>
      [...COLUMNS.map(({ pad }, column) => (cells[column] ?? '')[pad](widths[column] ?? 0)), note]
        .join('  ')
        .trimEnd();

    return [
      createColors(color).bold(align(header)),
      ...lines.map((line, index) => paint(align(table[index] ?? [], line.note), line, color)),
    ].join('\n');
  });

/** Segments are bold and green, crash regions yellow, and free memory and gaps dim. */
function paint(text: string, { ground, segment, isFolded }: MemoryLine, color: boolean): string {
  const colors = createColors(color);
  if (segment !== undefined) return colors.bold(colors.green(text));
  if (isFolded || ground === 'reserved' || ground === 'driver-managed') return text;
  return ground === 'free' || ground === 'gap' ? colors.dim(text) : colors.yellow(text);
}
