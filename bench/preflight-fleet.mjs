/**
 * `npm run bench:fleet`: plans a kernel on fleet files of 1000 to 1,000,000 machines of at most 1000 shapes, on as many
 * machine files of 100 shapes as it has room for, and on machine files that are all different. The machines are built
 * from the device trees of Debian's kernel packages. The results are in docs/performance.md.
 */

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { findKernel } from './kernel.mjs';
import { formatGoal, formatResults, measureInTurn } from './measure.mjs';

const COUNTS = [1000, 10_000, 100_000, 1_000_000];
const SHAPES = 1000;
/** Machine files, and their shapes. */
const FILES = 20_000;
const FILE_SHAPES = 100;
const ROUNDS = Number(process.env.ROUNDS ?? 1);
const GOAL = { seconds: 60, mebibytes: 300, reading: 2 };

const kernel = findKernel();
const { writeShapeFleet, writeShapeFiles } = await loadBundled(
  'test/support/shape-fleet.ts',
  'build/bench/shape-fleet.mjs',
);

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  // Some of the machines refuse the kernel on purpose, so the exit code is 1.
  const expected = [
    'sh',
    '-c',
    '"$@"; test $? -eq 1',
    'sh',
    'node',
    'bin/kexec-file.js',
    'preflight',
    kernel,
  ];
  const commands = {};
  const sizes = {};
  for (const count of COUNTS) {
    const path = join(folder, `${count}.ndjson.zst`);
    await writeShapeFleet(path, count, SHAPES);
    sizes[count] = statSync(path).size / 2 ** 20;
    commands[nameFleet(count)] = [...expected, path, '--json'];
  }
  const files = join(folder, 'files');
  mkdirSync(files);
  writeShapeFiles(files, FILES, FILE_SHAPES);
  const reader = join(folder, 'read.mjs');
  writeFileSync(
    reader,
    `import { readdirSync, readFileSync } from 'node:fs';
     for (const name of readdirSync(process.argv[2])) readFileSync(process.argv[2] + '/' + name);`,
  );
  commands.read = ['node', reader, files];
  commands.files = [...expected, files, '--json'];
  report(measureInTurn(commands, ROUNDS), sizes);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function nameFleet(count) {
  return `kexec-file preflight, ${count} machines`;
}

function report({ read, files, ...fleets }, sizes) {
  const largest = fleets[nameFleet(COUNTS.at(-1))];
  const seconds = largest.wall / 1000;
  const ratio = files.wall / read.wall;
  const growth = COUNTS.map((count) => {
    const { cpu, peak } = fleets[nameFleet(count)];
    return `| ${count.toLocaleString('en')} | ${((cpu * 1000) / count).toFixed(0)} | ${peak.toFixed(0)} | ${sizes[count].toFixed(1)} |`;
  });
  process.stdout.write(`${ROUNDS === 1 ? 'One run' : `${ROUNDS} runs, medians`}

${formatResults({ ...fleets, [`read ${FILES} machine files`]: read, [`preflight of these files, ${FILE_SHAPES} shapes`]: files })}

| machines | µs of CPU time a machine | peak MiB | fleet file, MiB |
| --- | --- | --- | --- |
${growth.join('\n')}

- a million machines: ${seconds.toFixed(1)} s ${formatGoal(seconds, GOAL.seconds, ' s')}, ${largest.peak.toFixed(0)} MiB ${formatGoal(largest.peak, GOAL.mebibytes)}
- machine files: ${ratio.toFixed(2)} times the time of reading them ${formatGoal(ratio, GOAL.reading)}, ${(files.cpu / read.cpu).toFixed(2)} times the CPU time
`);
}
