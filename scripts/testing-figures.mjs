/**
 * `node scripts/testing-figures.mjs [suites|fuzz]` writes the figures of docs/testing.md, or those of one block, from the results
 * of the last runs in build/: `npm test` and `npm run test:system`, `npm run fuzz -- --all 600`. It stops if one of them has not run.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/files.mjs';

const DOCUMENT = join(ROOT, 'docs/testing.md');

/** Each suite, and the command that runs it. */
const SUITES = {
  main: 'npm test',
  system: 'npm run test:system',
};

function readResults(file, command) {
  const path = join(ROOT, 'build', file);
  try {
    return {
      ...JSON.parse(readFileSync(path, 'utf8')),
      day: statSync(path).mtime.toISOString().slice(0, 10),
    };
  } catch (error) {
    throw new Error(`there are no results of ${command}: run it first`, { cause: error });
  }
}

function formatTable(header, rows) {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function formatSuites() {
  const rows = Object.entries(SUITES).map(([suite, command]) => {
    const { numPassedTests, numFailedTests, testResults, day, startTime } = readResults(
      `test-results-${suite}.json`,
      command,
    );
    const end = Math.max(...testResults.map(({ endTime }) => endTime));
    const minutes = Math.ceil((end - startTime) / 60_000);
    return [`\`${command}\``, testResults.length, numPassedTests, numFailedTests, minutes, day];
  });
  return formatTable(['suite', 'files', 'passed', 'failed', 'minutes', 'day'], rows);
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

/** Puts a text between the comments of a block. */
function replaceBlock(document, name, text) {
  const block = new RegExp(`(<!-- figures: ${name} -->\n)[^]*?(<!-- end -->)`);
  if (!block.test(document)) throw new Error(`docs/testing.md has no block ${name}`);
  return document.replace(block, (_, start, end) => `${start}\n${text}\n\n${end}`);
}

const BLOCKS = { suites: formatSuites, fuzz: formatFuzz };
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BLOCKS);
const written = names.reduce(
  (document, name) => replaceBlock(document, name, BLOCKS[name]()),
  readFileSync(DOCUMENT, 'utf8'),
);
writeFileSync(DOCUMENT, written);
