import { describe, expect, it } from 'vitest';
import { Html, html } from '../../../src/view/html/html.js';
import { formatHtmlTable } from '../../../src/view/html/html-table.js';

describe('html', () => {
  it('escapes texts, and takes markup and lists of it as they are', () => {
    const rows = ['<a>', '"b"'].map((text) => html`<td title="${text}">${text}</td>`);
    expect(html`<tr>${rows}</tr>${1}${2n}`.markup).toBe(
      '<tr><td title="&lt;a&gt;">&lt;a&gt;</td>\n<td title="&quot;b&quot;">&quot;b&quot;</td></tr>12',
    );
    expect(html`${new Html('<hr>')}`.markup).toBe('<hr>');
  });

  it('escapes what only looks like markup', () => {
    const hostile = { markup: '<script>' } as unknown as string;
    expect(html`${String(hostile)}`.markup).toBe('[object Object]');
    expect(html`${'\u202e</td>\u0000'}`.markup).toBe('\\u202e&lt;/td&gt;\ufffd');
  });
});

describe('formatHtmlTable', () => {
  it('gives each cell the name of its column, and leaves empty cells empty', () => {
    const cells = [html`a`, html`${''}`];
    const { markup } = formatHtmlTable(
      [{ title: 'A' }, { title: 'B', className: 'number' }],
      [{ cells }],
      'x',
    );
    expect(markup).toContain('<th scope="row" data-label="A" class=""><div class="cell">a</div></th>');
    expect(markup).toContain('<td data-label="B" class="number"></td>');
  });
});
