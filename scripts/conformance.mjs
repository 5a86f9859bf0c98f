/**
 * `npm run conformance`: boots the oracle kernel in QEMU, asks it about thousands of signatures and hundreds of loads, and
 * compares what it says with what this project says. docs/conformance.md has the rest. The harness is TypeScript, in
 * test/conformance.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './setup/files.mjs';

process.chdir(ROOT);
// As deep as test/support, whose files find others by their own place.
const outfile = join(ROOT, 'build/conformance/main.mjs');
await build({
  entryPoints: ['test/conformance/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.setSourceMapsEnabled(true);

const { main } = await import(pathToFileURL(outfile).href);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`conformance: ${error.message}\n`);
  process.exitCode = 1;
}
