/**
 * `node scripts/testing-figures.mjs [suites|fuzz]` writes the figures of docs/testing.md, or those of one block, from the results
 * of the last whole runs in build/: `npm test`; `npm run test:system` and `npm run test:fleet` at once, as .ci/run runs them;
 * `npm run fuzz -- --all 600`. A suite that has not run has no row, and the exit status is 1.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable, writeFigures } from './markdown-figures.mjs';
import { ROOT } from './setup/files.mjs';

/** Each suite, and the commands that run it. */
const SUITES = {
  main: '`npm test`',
  systems: '`npm run test:system`, `npm run test:fleet`',
};

function readResults(file, command) {
  const path = join(ROOT, 'build', file);
  try {
    return {
      ...JSON.parse(readFileSync(path, 'utf8')),
      day: statSync(path).mtime.toISOString().slice(0, 10),
    };
  } catch (error) {
    throw new Error(`there are no results of ${command}: run that first`, { cause: error });
  }
}

function formatSuites() {
  const rows = Object.entries(SUITES).flatMap(([suite, command]) => {
    try {
      return [formatSuite(command, readResults(`test-results-${suite}.json`, command))];
    } catch (error) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
      return [];
    }
  });
  if (rows.length === 0) throw new Error('no suite has run');
  return formatTable(['suite', 'files', 'passed', 'failed', 'minutes', 'day'], rows);
}

function formatSuite(command, { numPassedTests, numFailedTests, testResults, day, startTime }) {
  const end = Math.max(...testResults.map(({ endTime }) => endTime));
  const minutes = Math.ceil((end - startTime) / 60_000);
  return [command, testResults.length, numPassedTests, numFailedTests, minutes, day];
}

function formatFuzz() {
  const { targets, date, node, cpus } = readResults('fuzz/results.json', 'npm run fuzz -- --all 600');
  const executions = targets.reduce((sum, target) => sum + target.executions, 0);
  const found = targets.filter(({ finding }) => finding !== undefined).length;
  const rows = targets.map((target) => [
    target.name,
    target.executions.toLocaleString('en'),
    target.seconds,
    target.edges.toLocaleString('en'),
    target.inputs,
  ]);
  return `${date}, Node ${node}, ${cpus} CPUs: ${targets.length} targets, ${executions.toLocaleString('en')} executions, ${found} findings.

${formatTable(['target', 'executions', 'seconds', 'edges', 'inputs'], rows)}`;
}

const BLOCKS = { suites: formatSuites, fuzz: formatFuzz };
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BLOCKS);
writeFigures('docs/testing.md', BLOCKS, names);
