/**
 * One kernel on 10,000 recorded machines, its signature verified, a page and JSON written: `npm run bench:preflight`. The
 * machines are made of the device trees of Debian's kernel packages and take 760 MiB of the temporary folder while it
 * runs. docs/performance.md holds the results.
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianKernel, debianShim } from '../scripts/debian.mjs';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { measureInTurn, resultsTable } from './measure.mjs';

const COUNTS = [1000, 10_000];
const ROUNDS = 3;
const GOAL = { seconds: 20, mebibytes: 400 };

const kernel = debianKernel('cloud-6.12');
if (kernel === undefined) throw new Error('the kernel is not there: run `npm run setup`');
const { writeFleet } = await loadBundled('test/support/fleet.ts', 'build/bench/fleet.mjs');

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const commands = {};
  for (const count of COUNTS) {
    const fleet = join(folder, String(count));
    writeFleet(fleet, count);
    const args = [kernel, fleet, '--keyring', debianShim(), '--json', '--html', join(folder, 'page.html')];
    // Some of the machines refuse the kernel, as they are made to, which is exit code 1.
    const expected = ['sh', '-c', '"$@"; test $? -eq 1', 'sh', 'node', 'bin/kexec-file.js', 'preflight'];
    commands[`kexec-file preflight, ${count} machines`] = [...expected, ...args];
  }
  report(measureInTurn(commands, ROUNDS));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(results) {
  const [few, many] = Object.values(results);
  const size = statSync(kernel).size / 2 ** 20;
  process.stdout.write(`Node ${process.version}, ${availableParallelism()} CPUs, ${ROUNDS} rounds, medians; a kernel of ${size.toFixed(0)} MiB

${resultsTable(results)}

- ${COUNTS[1]} machines: ${(many.wall / 1000).toFixed(1)} s (goal: ${GOAL.seconds}), ${(many.cpu / COUNTS[1]).toFixed(2)} ms of CPU time a machine
- peak memory: ${many.peak.toFixed(0)} MiB (goal: ${GOAL.mebibytes}), with a tenth of the machines ${few.peak.toFixed(0)} MiB
`);
}
