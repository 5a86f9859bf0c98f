/**
 * `node scripts/performance-figures.mjs [BENCH...]` writes the figures of docs/performance.md, or those of some benches, from the
 * results of the last `npm run bench -- --all`.
 */
import { BENCHES, RESULTS } from '../bench/benches.mjs';
import { writeFigures } from './markdown-figures.mjs';
import { readJson } from './setup/files.mjs';

/** The part of the CPUs that other work may take on a machine that is called quiet. */
const QUIET = 0.1;

const results = readJson(RESULTS) ?? {};

function formatBench(name) {
  const result = results[name];
  if (result?.markdown === undefined)
    throw new Error(`there are no results of ${name}: run \`npm run bench -- ${name}\` first`);
  const { date, version, node, cpus, cpu, otherWork, markdown } = result;
  const others =
    otherWork <= QUIET ? 'with no other work' : `of which other work took ${Math.round(otherWork * 100)} %`;
  return `${date.slice(0, 10)}; version ${version}; Node ${node}; ${cpus} CPUs (${cpu}), ${others}.\n\n${markdown}`;
}

const blocks = Object.fromEntries(Object.keys(BENCHES).map((name) => [name, () => formatBench(name)]));
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(blocks);
writeFigures('docs/performance.md', blocks, names);
