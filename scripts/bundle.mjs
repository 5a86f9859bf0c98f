/**
 * Bundles the command into dist/command, which bin/kexec-file.js starts: part of `npm run build`.
 *
 * Most of what a short command costs is finding and loading modules one by one, so the command is a few files. Each
 * command still loads only what it needs: what is imported when it is called stays in files of its own.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './setup/files.mjs';

const outdir = join(ROOT, 'dist/command');
// Names of chunks change with their contents: without this, old ones would stay.
rmSync(outdir, { recursive: true, force: true });

await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: 'src/cli/main.ts',
    'verify-worker': 'src/host/verify-worker.ts',
    'preflight-worker': 'src/collect/preflight-worker.ts',
  },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // They find their binaries beside themselves.
  external: ['koffi', '@bokuweb/zstd-wasm'],
  target: 'node20.19',
  minifyWhitespace: true,
  // For commander, which is CommonJS and requires modules of Node.
  banner: {
    js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
