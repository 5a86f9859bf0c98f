import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { nameE820Type } from '../../formats/e820.js';
import type { Machine } from '../../machine/machine-value.js';
import type { E820Entry, FirmwareResource } from '../../machine/x86-64/x86-machine.js';
import { type Html, html, NOTHING } from '../html/html.js';
import { formatHtmlTable } from '../html/html-table.js';

/** The memory maps of a PC: e820, and the resources of /proc/iomem. Nothing for other machines. */
export function formatFirmwareMaps(machine: Machine): Html {
  const { e820 = [], resources = [] } = machine.architecture === 'x86_64' ? machine.x86 : {};
  return html`${e820.length === 0 ? NOTHING : formatE820(e820)}
${resources.length === 0 ? NOTHING : formatResources(resources)}`;
}

const COLUMNS = [
  { title: 'Start', className: 'figure' },
  { title: 'End', className: 'figure' },
  { title: 'Size', className: 'number' },
  { title: 'Type' },
];

function formatE820(e820: readonly E820Entry[]): Html {
  const rows = e820.map(({ range: { start, end }, type }) =>
    formatRow(start, end - start, nameE820Type(type)),
  );
  return html`<section>
<h2>The firmware's memory map (e820), which the next kernel gets</h2>
${formatHtmlTable(COLUMNS, rows, 'e820')}
</section>`;
}

function formatResources(resources: readonly FirmwareResource[]): Html {
  const rows = resources.map(({ range: { start, end }, name }) => formatRow(start, end - start, name));
  return html`<section>
<h2>Resources of /proc/iomem</h2>
${formatHtmlTable(COLUMNS, rows, 'iomem')}
</section>`;
}

function formatRow(start: bigint, size: bigint, type: string) {
  return {
    cells: [html`${hex(start)}`, html`${hex(start + size)}`, html`${formatSize(size)}`, html`${type}`],
  };
}
