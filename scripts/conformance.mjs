/**
 * `npm run conformance`: boots the oracle kernel in QEMU, asks it about thousands of signatures and hundreds of loads, has
 * it crash, and compares what it says and leaves with what this project says. docs/conformance.md has the rest. The
 * harness is TypeScript, in test/conformance.
 */

import { loadBundled } from './load-bundled.mjs';
import { ROOT } from './setup/files.mjs';
import { ensureBuild } from './setup/project.mjs';

process.chdir(ROOT);
ensureBuild();
const { main } = await loadBundled('test/conformance/main.ts', 'build/conformance/main.mjs');
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`conformance: ${error.message}\n`);
  process.exitCode = 1;
}
