/**
 * Builds the inspector: part of `npm run build`. dist/inspector.html is the page; beside the command, which serves it,
 * it is compressed.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'rolldown';
import { PAGE_FILE } from '../dist/node/ui/read-inspector.js';
import { formatInspectorPage } from '../dist/view/inspector-page/inspector-page.js';
import { STYLE as MAP_STYLE } from '../dist/view/memory-map/map-style.js';
import { withoutJsonSchemas } from './library/without-json-schemas.mjs';
import { formatLicences, listPackageFolders } from './licenses.mjs';
import { ROOT, readJson, writeJson } from './setup/files.mjs';

const PACKAGES = join(ROOT, 'build/bundled-packages.json');

/** Bundles a module. @returns its code, and the paths of the modules in it */
async function bundle(input, format) {
  const { output } = await build({
    cwd: ROOT,
    input,
    plugins: [withoutJsonSchemas],
    platform: 'browser',
    write: false,
    tsconfig: join(ROOT, 'web/tsconfig.json'),
    transform: { target: 'es2023' },
    treeshake: { moduleSideEffects: false },
    // What the command loads when it needs it is in the page at once.
    checks: { ineffectiveDynamicImport: false },
    output: {
      format,
      codeSplitting: false,
      minify: true,
      comments: { annotation: false, jsdoc: false, legal: true },
    },
    logLevel: 'warn',
  });
  const [{ code, modules }] = output;
  return { code, modules: Object.keys(modules) };
}

/** The source of a policy that allows a text of the page. */
function hashSource(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

async function loadStyle() {
  const { code } = await bundle('web/page/inspector-style.ts', 'esm');
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).INSPECTOR_STYLE;
}

const style = await loadStyle();
const { code, modules } = await bundle('web/start-inspector.ts', 'iife');
// The tags of a report with a script would end the element. They are in texts alone, where the escape is the same character.
const script = code.replaceAll(/<(?=\/?script)/gi, '\\x3c');
const page = formatInspectorPage({
  script,
  scriptHash: hashSource(script),
  style,
  styleHashes: [style, MAP_STYLE].map(hashSource),
  licences: formatLicences(modules),
  version: readJson(join(ROOT, 'package.json')).version,
});
writeFileSync(join(ROOT, 'dist/inspector.html'), page);
writeFileSync(join(ROOT, 'dist/command', PAGE_FILE), brotliCompressSync(page));

// The packages contain the page, too.
const others = listPackageFolders(modules).map((folder) => relative(ROOT, folder));
writeJson(PACKAGES, [...new Set([...readJson(PACKAGES), ...others])].sort());
