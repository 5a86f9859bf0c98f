import { escapeField } from '../../base/escape-field.js';
import type { Printable } from '../text/printable.js';

/**
 * What spreadsheets take for the start of a formula, full-width forms included (OWASP, "CSV Injection"). Tabs and line
 * feeds are escapes already.
 */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/u;

/** What has to stand in quotes (RFC 4180, 2.6). */
const QUOTED = /[",;\r\n]|^\s|\s$/;

/**
 * Formats a row of a CSV file (RFC 4180), with the line break that ends it. Characters that are not shown are escaped,
 * so a row is one line. A cell that a spreadsheet would take for a formula begins with an apostrophe.
 *
 * @param cells - undefined for those that are empty
 */
export function formatCsvRow(cells: readonly (string | undefined)[]): Printable {
  return `${cells.map((cell) => formatCell(cell ?? '')).join(',')}\r\n` as Printable;
}

function formatCell(text: string): string {
  const shown = escapeField(text);
  const guarded = FORMULA.test(shown) ? `'${shown}` : shown;
  return QUOTED.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
