/**
 * `npm run bench:preflight`: plans a kernel on 10,000 recorded machines, verifies its signature, and writes the page
 * and the JSON. The machines are built from the device trees of Debian's kernel packages; they take 760 MiB in the
 * temporary folder while it runs. The results are in docs/performance.md.
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianShim } from '../scripts/debian.mjs';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { findKernel } from './kernel.mjs';
import { formatGoal, formatResults, measureInTurn } from './measure.mjs';

const COUNTS = [1000, 10_000];
const ROUNDS = 3;
const GOAL = { seconds: 20, mebibytes: 400 };

const kernel = findKernel();
const { writeFleet } = await loadBundled('test/support/fleet.ts', 'build/bench/fleet.mjs');

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const commands = {};
  for (const count of COUNTS) {
    const fleet = join(folder, String(count));
    writeFleet(fleet, count);
    const args = [
      kernel,
      fleet,
      '--keyring',
      debianShim(),
      '--json',
      '--html',
      join(folder, 'page.html'),
      '--force',
    ];
    // Some of the machines refuse the kernel on purpose, so the exit code is 1.
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
  process.stdout.write(`${ROUNDS} rounds, medians; a kernel of ${size.toFixed(0)} MiB

${formatResults(results)}

- ${COUNTS[1]} machines: ${(many.wall / 1000).toFixed(1)} s ${formatGoal(many.wall / 1000, GOAL.seconds, ' s')}, ${(many.cpu / COUNTS[1]).toFixed(2)} ms of CPU time per machine
- peak memory: ${many.peak.toFixed(0)} MiB ${formatGoal(many.peak, GOAL.mebibytes, ' MiB')}, with a tenth of the machines ${few.peak.toFixed(0)} MiB
`);
}
