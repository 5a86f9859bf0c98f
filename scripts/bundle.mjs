/**
 * Bundles the command into dist/command, which bin/kexec-file.js starts: part of `npm run build`.
 *
 * Most of what a short command costs is finding and loading modules one by one, so the command is a few files, and they
 * are CommonJS, which Node loads in half the time. Each command still loads only what it needs: what is imported when it
 * is called stays in files of its own.
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { ROOT } from './setup/files.mjs';

const outdir = join(ROOT, 'dist/command');
// Names of chunks change with their contents: without this, old ones would stay.
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
  // They find their binaries beside themselves.
  external: ['koffi', '@bokuweb/zstd-wasm'],
  // What one command imports when it is called and another one at once is loaded with the latter, as it has to be.
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

// The package's modules are of another type.
writeFileSync(join(outdir, 'package.json'), '{ "type": "commonjs" }\n');
