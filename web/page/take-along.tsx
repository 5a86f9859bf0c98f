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

/** A file that a command writes. */
export interface OfferedFile {
  /** What the button says: "Save as SVG". */
  readonly label: string;
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

interface TakeAlongProps {
  /** The words of the commands that show the same in a terminal, each after `kexec-file`. */
  readonly commands: readonly (readonly string[])[];
  /** Undefined if there is none. */
  readonly report: NamedReport | undefined;
  readonly files?: readonly OfferedFile[];
  /** The end of an address that holds the options of the view. */
  readonly link?: string | undefined;
}

/** The command that does the same, its outputs to save, and a link that holds its options. */
export function TakeAlong({ commands, report, files = [], link }: TakeAlongProps): JSX.Element {
  const offered = [...(report === undefined ? [] : [offerReport(report)]), ...files];
  return (
    <div class="take-along">
      <div>
        {commands.map((words) => (
          <CommandLine key={words.join(' ')} words={['kexec-file', ...words]} />
        ))}
      </div>
      <div class="outputs">
        {link !== undefined && (
          <a href={link} onClick={putIntoAddress} title="The address of the page gets the options, no files">
            Link to these options
          </a>
        )}
        {offered.map((file) => (
          <button key={file.label} type="button" onClick={() => saveFile(file)}>
            {file.label}
          </button>
        ))}
      </div>
    </div>
  );
}

/** The words of a command, as a shell takes them. */
export function CommandLine({ words }: { readonly words: readonly string[] }): JSX.Element {
  return <code class="command">{escapeField(quoteWords(words))}</code>;
}

function offerReport({ name, fields }: NamedReport): OfferedFile {
  return {
    label: 'Save as JSON',
    name: `${name}.json`,
    type: 'application/json',
    get text() {
      return `${formatJson({ ...buildReportHeader(name), ...fields }, 'lines')}\n`;
    },
  };
}

/** Follows a link without the event by which the page takes other options: the view has them already. */
function putIntoAddress(event: MouseEvent & { readonly currentTarget: HTMLAnchorElement }): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, '', event.currentTarget.hash);
}

/** Lets the browser save a text as a file. */
function saveFile({ name, type, text }: OfferedFile): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after this event.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
