/**
 * Runs the tests. The last line of output is `N passed, N failed`. Arguments are passed to vitest.
 *
 * A failure outside of tests (a file that cannot be loaded, an error between tests) counts as one failed test, so that
 * the last line agrees with the exit status.
 */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readJson } from './setup/files.mjs';

const resultsPath = join(ROOT, 'build/test-results.json');
rmSync(resultsPath, { force: true });

const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${resultsPath}`,
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: 'inherit' },
);

const results = readJson(resultsPath) ?? { numPassedTests: 0, numFailedTests: 0, testResults: [] };
const brokenFiles = results.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
);
const failed = results.numFailedTests + brokenFiles.length;
process.stdout.write(
  `${results.numPassedTests} passed, ${status === 0 ? failed : Math.max(failed, 1)} failed\n`,
);
process.exitCode = status ?? 1;
