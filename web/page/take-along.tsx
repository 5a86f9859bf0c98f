import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';
import { buildReportHeader } from '../../src/base/report-header.js';
import { quoteWords } from '../../src/base/shell-quote.js';
import { formatJson } from '../../src/view/json/format-json.js';

/** What a command prints with `--json`, by the name of the report. */
export interface NamedReport {
  readonly name: string;
  readonly fields: object;
}

interface TakeAlongProps {
  /** The words of the command that shows the same in a terminal, after `kexec-file`. */
  readonly command: readonly string[];
  /** Undefined if there is none. */
  readonly report: NamedReport | undefined;
}

/** The command that does the same, and its JSON to save. */
export function TakeAlong({ command, report }: TakeAlongProps): JSX.Element {
  return (
    <div class="take-along">
      <code>kexec-file {escapeField(quoteWords(command))}</code>
      {report !== undefined && (
        <button type="button" onClick={() => saveText(`${report.name}.json`, formatReport(report))}>
          Save as JSON
        </button>
      )}
    </div>
  );
}

function formatReport({ name, fields }: NamedReport): string {
  return `${formatJson({ ...buildReportHeader(name), ...fields }, 'lines')}\n`;
}

/** Lets the browser save a text as a file. */
function saveText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after this event.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
