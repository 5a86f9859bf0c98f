/**
 * Bundles the command into dist/command, which bin/kexec-file.js starts: part of `npm run build`.
 *
 * Most of the time of a short command goes into finding and loading modules one by one. So the bundle has few files,
 * and they are CommonJS, which Node loads in half the time. Each command still loads only what it needs: dynamic
 * imports stay in files of their own.
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'rolldown';
import { formatTopHelp } from '../dist/cli/commands/top-help.js';
import { nameBuiltHelp } from '../dist/cli/help/built-help.js';
import { MAX_COLUMNS } from '../dist/cli/terminal/screen.js';
import { DEFAULT_COLUMNS } from '../dist/view/text/layout.js';
import { groupByCommand, recordImports } from './group-modules.mjs';
import { withoutJsonSchemas } from './library/without-json-schemas.mjs';
import { formatLicences, listPackageFolders } from './licenses.mjs';
import { ROOT, writeJson } from './setup/files.mjs';

const outdir = join(ROOT, 'dist/command');
// The names of chunks depend on their contents, so a build does not overwrite old chunks.
rmSync(outdir, { recursive: true, force: true });

/** Begins the ids of the modules that stand in for those of SELDOM_USED. */
const STAND_IN = '\0stand-in:';

/**
 * Modules that a command seldom needs: for what Node's own crypto does not do, and for files of the wrong kind. They
 * export functions alone. In the library they are imported as usual; in the command they are files that are loaded when
 * one of these functions is called.
 */
const SELDOM_USED = {
  'nist-curves': { path: 'src/trust/x509/nist-curves.ts', names: ['findNistCurve'] },
  'ml-dsa-library': {
    path: 'src/trust/x509/ml-dsa-library.ts',
    names: ['confirmsMlDsa', 'expandMlDsaSeed', 'findMlDsaPublicKey', 'signByMlDsa'],
  },
  'portable-hashes': { path: 'src/trust/portable-hashes.ts', names: ['portableHashes'] },
  'name-file': {
    path: 'src/formats/foreign/name-file.ts',
    names: ['nameFile', 'nameAnyFile', 'refuseNoPe', 'describeFile'],
  },
};

const loadWhenCalled = {
  name: 'load-when-called',
  async resolveId(source, importer) {
    if (importer === undefined || !Object.keys(SELDOM_USED).some((file) => source.endsWith(`/${file}.js`)))
      return undefined;
    if (importer.startsWith(STAND_IN)) return { id: source, external: true };
    const resolved = await this.resolve(source, importer, { skipSelf: true });
    const file = Object.keys(SELDOM_USED).find((key) => join(ROOT, SELDOM_USED[key].path) === resolved?.id);
    return file === undefined ? resolved : `${STAND_IN}${file}`;
  },
  load(id) {
    if (!id.startsWith(STAND_IN)) return undefined;
    const file = id.slice(STAND_IN.length);
    return SELDOM_USED[file].names
      .map((name) => `export const ${name} = (...args) => require('./${file}.js').${name}(...args);`)
      .join('\n');
  },
};

/** The commands for which modules are grouped: small ones, those of files, of dumps, and those that plan. */
const GROUPED_FOR = ['program', 'status', 'verify', 'inspect', 'vmcore', 'plan', 'load'];

const imports = new Map();
const options = {
  cwd: ROOT,
  plugins: [loadWhenCalled, recordImports(imports), withoutJsonSchemas],
  input: {
    main: 'src/cli/main.ts',
    'verify-worker': 'src/node/keys/verify-worker.ts',
    'preflight-worker': 'src/node/preflight/preflight-worker.ts',
    'pack-worker': 'src/node/vmcore/pack-worker.ts',
    ...Object.fromEntries(Object.entries(SELDOM_USED).map(([file, { path }]) => [file, path])),
  },
  platform: 'node',
  transform: { target: 'node20.19' },
  // These packages load binaries from their own folders.
  external: ['koffi', '@bokuweb/zstd-wasm'],
  // A module that one command imports dynamically and another statically is loaded with the latter, as intended.
  checks: { ineffectiveDynamicImport: false },
  output: {
    dir: outdir,
    format: 'cjs',
    // The loader of ES modules alone would take a tenth of Node's start.
    dynamicImportInCjs: false,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // No other bundler reads it.
    comments: { annotation: false, jsdoc: false, legal: true },
    // Local names are shortened; those in stack traces stay.
    minify: { compress: { keepNames: { function: true, class: true } }, mangle: { toplevel: false } },
  },
  logLevel: 'warn',
};
// The first build only finds what each command imports.
await build({ ...options, write: false });
const groupOf = groupByCommand(imports, {
  main: join(ROOT, 'src/cli/main.ts'),
  commands: GROUPED_FOR.map((name) => join(ROOT, `src/cli/commands/${name}.ts`)),
});
const { output } = await build({
  ...options,
  preserveEntrySignatures: 'allow-extension',
  output: {
    ...options.output,
    codeSplitting: {
      groups: [{ name: groupOf, debugName: 'by command' }],
      includeDependenciesRecursively: false,
    },
  },
});

for (const { fileName, imports: files = [] } of output) {
  if (files.includes('main.js')) throw new Error(`${fileName} would start the command: it imports main.js`);
}

// The program's own help is asked for most often: it is written for the usual widths, so that nothing is loaded for it.
for (const columns of [undefined, MAX_COLUMNS]) {
  for (const isShort of [false, true]) {
    const text = formatTopHelp(columns ?? DEFAULT_COLUMNS, isShort);
    writeFileSync(join(outdir, nameBuiltHelp(columns, isShort)), text);
  }
}

const modules = output.flatMap((chunk) => Object.keys(chunk.modules ?? {}));
writeFileSync(join(outdir, 'licenses.txt'), formatLicences(modules));
// For the bill of materials of the packages (packaging/npm-packages.mjs).
writeJson(
  join(ROOT, 'build/bundled-packages.json'),
  listPackageFolders(modules).map((folder) => relative(ROOT, folder)),
);

// The package.json of this project says that its modules are ESM.
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
