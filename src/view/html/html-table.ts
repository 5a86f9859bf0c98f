import { type Html, html } from './html.js';

/** A column: its name, and the class of its cells. */
export interface HtmlColumn {
  readonly title: string;
  readonly className?: string;
}

/** A row of cells, one for each column; the first is the row's heading. */
export interface HtmlRow {
  readonly cells: readonly Html[];
  readonly className?: string;
}

/** A table whose cells know the name of their column, so that a narrow page can show each row as a block. */
export function formatHtmlTable(
  columns: readonly HtmlColumn[],
  rows: readonly HtmlRow[],
  className: string,
): Html {
  const heads = columns.map(
    ({ title, className: name = '' }) => html`<th scope="col" class="${name}">${title}</th>`,
  );
  const body = rows.map(
    (row) =>
      html`<tr class="${row.className ?? ''}">${row.cells.map((cell, index) => formatCell(cell, columns[index], index))}</tr>`,
  );
  return html`<table class="${className}">
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody>
</table>`;
}

function formatCell(cell: Html, column: HtmlColumn | undefined, index: number): Html {
  const { title = '', className = '' } = column ?? {};
  return index === 0
    ? html`<th scope="row" data-label="${title}" class="${className}"><div class="cell">${cell}</div></th>`
    : html`<td data-label="${title}" class="${className}">${cell.markup === '' ? cell : html`<div class="cell">${cell}</div>`}</td>`;
}
