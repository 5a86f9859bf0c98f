/**
 * Fuzzes the readers and decisions of the project, with what a fuzzer finds by coverage (test/fuzz):
 *
 *     npm run fuzz -- TARGET SECONDS [--keep]     one target
 *     npm run fuzz -- --all SECONDS [--keep]      all, for so many seconds in all, on every CPU
 *     npm run fuzz -- --list                      the names of the targets
 *
 * `--keep` adds the inputs that reached something new to the target's corpus, test/fuzz/corpus, which `npm run test:unit` replays.
 * A finding is an error that is no KexecError, an input that takes more than 2 seconds, or 300 MiB beyond what Node and the
 * fuzzer take themselves. It is kept in build/fuzz/findings, and the exit status is 1.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTargets } from './fuzz/bundle-targets.mjs';
import { keepInputs, prepareInputs } from './fuzz/inputs.mjs';
import { runFuzzer } from './fuzz/run-fuzzer.mjs';
import { loadBundled } from './load-bundled.mjs';
import { ROOT, writeJson } from './setup/files.mjs';
import { setUp } from './setup.mjs';

const USAGE = 'usage: npm run fuzz -- TARGET SECONDS | --all SECONDS | --list  [--keep]';

/** Less than this, and the fuzzer has hardly read the corpus. */
const MIN_SECONDS = 5;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: 'boolean' }, list: { type: 'boolean' }, keep: { type: 'boolean' } },
  });
  const problems = setUp('fuzz');
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { GROUPS, TARGETS } = await loadBundled('test/fuzz/targets/targets.ts', 'build/fuzz/targets.mjs');
  if (values.list) {
    process.stdout.write(`${Object.keys(TARGETS).join('\n')}\n`);
    return;
  }
  const names = values.all ? Object.keys(TARGETS) : [positionals.shift()];
  const [seconds, ...more] = positionals.map(Number);
  const unknown = names.find((name) => !(name in TARGETS));
  if (!(seconds > 0) || more.length > 0 || unknown !== undefined)
    throw new Error(unknown ? `${unknown} is no target; --list lists them\n${USAGE}` : USAGE);

  const groupOf = (name) => Object.keys(GROUPS).find((group) => name in GROUPS[group]);
  const bundles = {};
  for (const group of new Set(names.map(groupOf))) bundles[group] = await bundleTargets(group);
  const findings = join(ROOT, 'build/fuzz/findings');
  rmSync(findings, { recursive: true, force: true });
  mkdirSync(findings, { recursive: true });
  const workers = Math.min(availableParallelism(), names.length);
  const share = Math.max(MIN_SECONDS, Math.floor((seconds * workers) / names.length));
  const runs = {};
  const queue = [...names];
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const inputs = prepareInputs(name, TARGETS[name]);
      runs[name] = await runFuzzer({
        name,
        bundle: bundles[groupOf(name)],
        inputs,
        findings,
        seconds: share,
        isAsync: TARGETS[name].isAsync,
      });
      report(name, runs[name]);
      if (values.keep && runs[name].finding === undefined) keepInputs(name, TARGETS[name], inputs);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  finish(names, runs);
}

function report(name, { executions, seconds, edges, inputs, finding }) {
  const rate = Math.round(executions / Math.max(seconds, 1));
  const figures = `${executions} executions in ${seconds} s (${rate}/s), ${edges} edges, ${inputs} inputs`;
  process.stdout.write(
    `${name.padEnd(22)} ${figures}\n${finding === undefined ? '' : `FINDING ${finding}\n`}`,
  );
}

function finish(names, runs) {
  const results = names.map((name) => ({ name, ...runs[name] }));
  writeJson(join(ROOT, 'build/fuzz/results.json'), {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpus: availableParallelism(),
    targets: results,
  });
  const executions = results.reduce((sum, run) => sum + run.executions, 0);
  const found = results.filter(({ finding }) => finding !== undefined).length;
  process.stdout.write(`${results.length} targets, ${executions} executions, ${found} findings\n`);
  process.exitCode = found === 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`fuzz: ${error.message}\n`);
  process.exitCode = 2;
}
