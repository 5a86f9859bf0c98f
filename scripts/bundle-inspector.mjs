/**
 * Builds dist/inspector.html, the inspector as one file: part of `npm run build`.
 *
 * Script, worker and style are inside, and a policy that allows nothing else: no network, no other script.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'rolldown';
import { Html, html } from '../dist/view/html/html.js';
import { formatHtmlStart, HTML_END } from '../dist/view/html/html-page.js';
import { STYLE as MAP_STYLE } from '../dist/view/memory-map/map-style.js';
import { formatLicences, listPackageFolders } from './licenses.mjs';
import { ROOT, readJson, writeJson } from './setup/files.mjs';

const PACKAGES = join(ROOT, 'build/bundled-packages.json');

/** What would end or change the element of a script. Escapes of it depend on where in the script it is. */
const ENDS_SCRIPT = /<!--|<\/?script/i;

/** Bundles a module. @returns its code, and the paths of the modules in it */
async function bundle(input, options) {
  const { output } = await build({
    cwd: ROOT,
    input,
    platform: 'browser',
    write: false,
    tsconfig: join(ROOT, 'web/tsconfig.json'),
    transform: { target: 'es2023' },
    treeshake: { moduleSideEffects: false },
    // What the command loads when it needs it is in the page at once.
    checks: { ineffectiveDynamicImport: false },
    output: { codeSplitting: false, minify: true, ...options },
    logLevel: 'warn',
  });
  const [{ code, modules }] = output;
  return { code, modules: Object.keys(modules) };
}

/** The source of the policy that allows a text of the page. */
function hashSource(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

async function loadStyle() {
  const { code } = await bundle('web/page/inspector-style.ts', { format: 'esm' });
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).INSPECTOR_STYLE;
}

const style = await loadStyle();
const { code, modules } = await bundle('web/start-inspector.ts', { format: 'iife' });
const found = ENDS_SCRIPT.exec(code);
if (found !== null) throw new Error(`the inspector's script contains ${found[0]}, which ends its element`);

const policy = [
  "default-src 'none'",
  `script-src ${hashSource(code)}`,
  // Pictures of memory bring their own style.
  `style-src ${hashSource(style)} ${hashSource(MAP_STYLE)}`,
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const page = html`${formatHtmlStart({ title: 'kexec-file inspector', style, policy })}
<div id="inspector"></div>
<noscript><p>The inspector needs JavaScript. The command line does the same: kexec-file inspect FILE</p></noscript>
<footer><details class="licences"><summary>Licences</summary><pre>${new Html(escapeText(formatLicences(modules)))}</pre></details></footer>
<script>${new Html(code)}</script>
${HTML_END}`;
writeFileSync(join(ROOT, 'dist/inspector.html'), page.markup);

/** Escapes a text of many lines, which {@link html} would make one. */
function escapeText(text) {
  return text
    .split('\n')
    .map((line) => html`${line}`.markup)
    .join('\n');
}

// The package contains the page.
const others = listPackageFolders(modules).map((folder) => relative(ROOT, folder));
writeJson(PACKAGES, [...new Set([...readJson(PACKAGES), ...others])].sort());
