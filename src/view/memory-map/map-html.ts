import { size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { type Html, html, NOTHING } from '../html/html.js';
import { formatHtmlTable } from '../html/html-table.js';
import { foldMemoryRows, type MapUse, NEXT_MEANINGS } from './map-lines.js';
import type { MemoryRow } from './map-rows.js';

/** A table of more lines than this is hard to read. */
const MAX_LINES = 60;

/**
 * A memory map as an HTML table, lowest address first; samples show the colours of the picture, which must be on the
 * same page. Below it, the words for what becomes of memory are explained.
 */
export function formatMemoryTable(rows: readonly MemoryRow[]): Html {
  const lines = foldMemoryRows(rows, MAX_LINES);
  const isLoaded = lines.some(({ next }) => next !== undefined);
  const uses = isLoaded ? ['Now', 'Next kernel'] : ['Now'];
  const columns = [
    { title: 'Start', className: 'figure' },
    { title: 'End', className: 'figure' },
    { title: 'Size', className: 'number' },
    ...uses.map((title) => ({ title, className: 'use' })),
    { title: 'Note' },
  ];
  const body = lines.map(({ range, now, next, segment, note = '' }) => ({
    className: segment === undefined ? '' : 'loaded',
    cells: [
      html`${hex(range.start)}`,
      html`${hex(range.end)}`,
      html`${formatSize(size(range))}`,
      formatUse(now),
      ...(isLoaded ? [next === undefined ? NOTHING : formatUse(next)] : []),
      html`${note}`,
    ],
  }));
  const meanings = NEXT_MEANINGS.filter(({ look }) => lines.some(({ next }) => next?.look === look));
  return html`${formatHtmlTable(columns, body, 'memory')}
${meanings.map(({ meaning }) => html`<p><small>${meaning}.</small></p>`)}`;
}

function formatUse({ look, name }: MapUse): Html {
  return html`<svg class="kexec-map swatch" viewBox="0 0 24 14" aria-hidden="true"><rect class="part ${look}" x="0.5" y="0.5" width="23" height="13"/></svg>${name}`;
}
