/**
 * Bundles the command into dist/command, which bin/kexec-file.js starts: part of `npm run build`.
 *
 * Most of the time of a short command goes into finding and loading modules one by one. So the bundle has few files,
 * and they are CommonJS, which Node loads in half the time. Each command still loads only what it needs: dynamic
 * imports stay in files of their own.
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { formatTopHelp } from '../dist/cli/commands/top-help.js';
import { nameBuiltHelp } from '../dist/cli/help/built-help.js';
import { MAX_COLUMNS } from '../dist/cli/terminal/screen.js';
import { DEFAULT_COLUMNS } from '../dist/view/text/layout.js';
import { ROOT } from './setup/files.mjs';

const outdir = join(ROOT, 'dist/command');
// The names of chunks depend on their contents, so a build does not overwrite old chunks.
rmSync(outdir, { recursive: true, force: true });

await build({
  cwd: ROOT,
  input: {
    main: 'src/cli/main.ts',
    'verify-worker': 'src/node/keys/verify-worker.ts',
    'preflight-worker': 'src/node/preflight/preflight-worker.ts',
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
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: { compress: false, mangle: false },
  },
  logLevel: 'warn',
});

// The program's own help is asked for most often: it is written for the usual widths, so that nothing is loaded for it.
for (const columns of [undefined, MAX_COLUMNS]) {
  for (const isShort of [false, true]) {
    const text = formatTopHelp(columns ?? DEFAULT_COLUMNS, isShort);
    writeFileSync(join(outdir, nameBuiltHelp(columns, isShort)), text);
  }
}

// The package.json of this project says that its modules are ESM.
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
