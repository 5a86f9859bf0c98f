/**
 * `npm run conformance`: boots the oracle kernel in QEMU, asks it about thousands of signatures and hundreds of loads,
 * makes it crash, and compares its answers and its dumps with the results of this project. See docs/conformance.md. The
 * harness is written in TypeScript, in test/conformance.
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
