/**
 * Runs tests: `node scripts/test.mjs [--suites main,unit,nightly,system,fleet,systems] [ARGUMENTS OF VITEST]`. The last line of output is
 * `N passed, N failed`, over all suites.
 *
 * A failure outside of tests (a file that cannot be loaded, an error between tests) counts as one failed test, so that
 * the last line agrees with the exit status.
 */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readJson } from './setup/files.mjs';

/** The configuration of each suite. */
const SUITES = {
  main: 'vitest.config.ts',
  unit: 'vitest.unit.config.ts',
  nightly: 'vitest.nightly.config.ts',
  system: 'vitest.system.config.ts',
  fleet: 'vitest.fleet.config.ts',
  systems: 'vitest.systems.config.ts',
};

/** @returns how many tests passed and failed */
function runSuite(name, args) {
  // docs/testing.md has the results of whole runs.
  const kind = args.length === 0 ? name : `${name}-part`;
  const resultsPath = join(ROOT, `build/test-results-${kind}.json`);
  rmSync(resultsPath, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--config=${SUITES[name]}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${resultsPath}`,
      ...args,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const results = readJson(resultsPath) ?? { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  const brokenFiles = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = results.numFailedTests + brokenFiles.length;
  return { passed: results.numPassedTests, failed: status === 0 ? failed : Math.max(failed, 1) };
}

/** The names of the suites, and what is left for vitest. */
function readArguments([option, names = '', ...others]) {
  if (option !== '--suites') return [['main'], process.argv.slice(2)];
  const suites = names.split(',');
  const unknown = suites.find((name) => !(name in SUITES));
  if (unknown !== undefined)
    throw new Error(`--suites takes ${Object.keys(SUITES).join(', ')}, not ${unknown}`);
  return [suites, others];
}

const [suites, args] = readArguments(process.argv.slice(2));
const runs = suites.map((suite) => runSuite(suite, args));
const passed = runs.reduce((sum, run) => sum + run.passed, 0);
const failed = runs.reduce((sum, run) => sum + run.failed, 0);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
