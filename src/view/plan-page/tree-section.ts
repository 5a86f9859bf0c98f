import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import type {
  ChangeKind,
  PropertyChange,
  ReservationChange,
  TreeChanges,
} from '../../formats/fdt/compare.js';
import { formatValue } from '../../formats/fdt/format-value.js';
import type { Kimage } from '../../kexec/kimage.js';
import { findTreeChanges } from '../../kexec/tree-changes.js';
import type { Machine } from '../../machine/machine-value.js';
import { type Html, html, NOTHING } from '../html/html.js';
import { formatHtmlTable, type HtmlRow } from '../html/html-table.js';

/** More changes than this are counted, and not listed: a load makes about ten. */
const MAX_CHANGES = 200;

/** Random seeds are secrets of the kernel that gets them. */
const SECRETS = ['kaslr-seed', 'rng-seed'];

/** What a load changes in the device tree that the next kernel gets. */
export function formatTreeSection(machine: Machine, kimage: Kimage): Html {
  const changes = findTreeChanges(machine, kimage);
  return html`<section>
<h2>Changes of the device tree</h2>
${
  changes === undefined
    ? html`<p>Unknown: one of the two device trees is missing or cannot be read.</p>`
    : formatTreeChanges(changes, ['Running', 'Next kernel'])
}
</section>`;
}

/** The differences between two device trees as a table. @param names - of the trees before and after */
export function formatTreeChanges(
  changes: TreeChanges,
  names: readonly [before: string, after: string],
): Html {
  const rows = [...changes.reservations.map(formatReservation), ...changes.properties.map(formatProperty)];
  if (rows.length === 0) return html`<p>Unchanged.</p>`;
  const columns = ['Change', 'Node', 'Property', ...names].map((title) => ({ title }));
  const unlisted = rows.length - MAX_CHANGES;
  return html`${formatHtmlTable(columns, rows.slice(0, MAX_CHANGES), 'tree')}
${unlisted > 0 ? html`<p>And ${unlisted} more changes.</p>` : NOTHING}`;
}

function formatReservation({ kind, reservation: { address, size } }: ReservationChange): HtmlRow {
  const text = `${hex(address)}, ${formatBytes(size)}`;
  return formatRow(kind, {
    node: 'memory reservations',
    ...(kind === 'added' ? { after: text } : { before: text }),
  });
}

function formatProperty({ kind, node, property, before, after }: PropertyChange): HtmlRow {
  const show = (value: Uint8Array): string =>
    SECRETS.includes(property ?? '') ? `${value.length} random bytes, not shown` : formatValue(value);
  return formatRow(kind, {
    node,
    property,
    ...(before === undefined ? {} : { before: show(before) }),
    ...(after === undefined ? {} : { after: show(after) }),
  });
}

function formatRow(
  kind: ChangeKind,
  texts: { node: string; property?: string | undefined; before?: string; after?: string },
): HtmlRow {
  const { node, property, before, after } = texts;
  return {
    cells: [
      html`<span class="${kind}">${kind}</span>`,
      html`<code>${node}</code>`,
      property === undefined ? NOTHING : html`<code>${property}</code>`,
      before === undefined
        ? NOTHING
        : html`<code class="${after === undefined ? 'before' : ''}">${before}</code>`,
      after === undefined ? NOTHING : html`<code>${after}</code>`,
    ],
  };
}
