/**
 * `npm run vectors -- FOLDER`: writes kexec-limbo, the signed kernels of the conformance harness with the answers of Linux
 * (vectors/README.md). The program is test/conformance/vectors/main.ts.
 */

import { resolve } from 'node:path';
import { loadBundled } from './load-bundled.mjs';
import { ROOT } from './setup/files.mjs';

const args = process.argv
  .slice(2)
  .map((arg, index, all) =>
    arg.startsWith('--') || all[index - 1] === '--kind' ? arg : resolve(process.env.INIT_CWD ?? '.', arg),
  );
process.chdir(ROOT);
const { main } = await loadBundled('test/conformance/vectors/main.ts', 'build/conformance/vectors.mjs');
try {
  process.exitCode = main(args);
} catch (error) {
  process.stderr.write(`vectors: ${error.message}\n`);
  process.exitCode = 1;
}
