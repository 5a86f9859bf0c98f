import { Html, html } from '../html/html.js';
import { formatHtmlStart, HTML_END } from '../html/html-page.js';

const TITLE = 'kexec-file inspector';

/** The parts of the inspector's page. Hashes are those of a content security policy: `'sha256-…'`. */
export interface InspectorParts {
  readonly script: string;
  readonly scriptHash: string;
  readonly style: string;
  /** Of the page's style, and of those that pictures bring. */
  readonly styleHashes: readonly string[];
  /** The licences of the packages in the script. */
  readonly licences: string;
  /** Of this program. */
  readonly version: string;
}

/** The id of the element that has the version of the program as its text. */
export const VERSION_ID = 'version';

/** What would end or change the element of a script. How to escape it depends on where in the script it is. */
const ENDS_SCRIPT = /<!--|<\/?script/i;

/** Forbids what is not allowed by name. */
const NOTHING_ELSE = "default-src 'none'";

/** The element that the script fills. */
const ROOT = '<div id="inspector"></div>';

/**
 * The inspector as one page, which loads nothing, and whose policy allows its own script, worker and style alone.
 *
 * @throws Error if the script contains what ends its element
 */
export function formatInspectorPage(parts: InspectorParts): string {
  const { script, scriptHash, style, styleHashes, licences, version } = parts;
  const found = ENDS_SCRIPT.exec(script);
  if (found !== null) throw new Error(`the script contains ${found[0]}, which ends its element`);
  const policy = [
    NOTHING_ELSE,
    `script-src ${scriptHash}`,
    `style-src ${styleHashes.join(' ')}`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const lines = licences.split('\n').map((line) => html`${line}`);
  return html`${formatHtmlStart({ title: TITLE, style, policy })}
${new Html(ROOT)}
<noscript><p>The inspector needs JavaScript. The command does the same: kexec-file inspect FILE</p></noscript>
<footer><p class="quiet">kexec-file <span id="${VERSION_ID}">${version}</span></p><details class="licences"><summary>Licences</summary><pre>${lines}</pre></details></footer>
<script>${new Html(script)}</script>
${HTML_END}`.markup;
}

/** A file that a server gives to the page. */
export interface ServedFile {
  /** Without folders. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Where slices of it are fetched, below {@link ServedFiles.address}. */
  readonly contents: string;
}

/** The files that a server gives to the page. */
export interface ServedFiles {
  /** A URL that ends in a slash. The page may connect to addresses below it, and to no others. */
  readonly address: string;
  readonly files: readonly ServedFile[];
}

/** The id of the element that lists a page's {@link ServedFile}s, as JSON. */
export const SERVED_FILES_ID = 'served-files';

/**
 * Adds files to a page of {@link formatInspectorPage}, and allows it to fetch them.
 *
 * @throws Error if it is no such page
 */
export function addServedFiles(page: string, { address, files }: ServedFiles): string {
  // In JSON, it can only be in a string; and so no text ends the element.
  const json = JSON.stringify(files).replaceAll('<', '\\u003c');
  const list = `<script type="application/json" id="${SERVED_FILES_ID}">${json}</script>`;
  const allowed = replaceOnce(page, NOTHING_ELSE, `${NOTHING_ELSE}; connect-src ${address}`);
  return replaceOnce(allowed, ROOT, `${ROOT}\n${list}`);
}

function replaceOnce(text: string, found: string, replacement: string): string {
  const at = text.indexOf(found);
  if (at < 0) throw new Error(`the page lacks ${found}`);
  return text.slice(0, at) + replacement + text.slice(at + found.length);
}
