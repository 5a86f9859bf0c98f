/**
 * Compares `vmcore save` with makedumpfile on a dump of x86_64, for which makedumpfile runs natively on this machine: the pages
 * that each level keeps, and wall and CPU time. `npm run bench:vmcore` begins with it; of a dump that is there already:
 *
 *     npm run build && node bench/vmcore-x86.mjs DUMP
 *
 * Without DUMP, `crash rehearse` makes one of a PC with 1 GiB. Needs the files that `npm run setup` fetches, and fetches
 * makedumpfile of Debian 13, which knows zstd. The results are in docs/performance.md.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { subtract } from '../dist/base/range.js';
import { Bitmap } from '../dist/formats/kdump/bitmap.js';
import { readKdumpHeader } from '../dist/formats/kdump/header.js';
import { openFileSource } from '../dist/node/files/file-source.js';
import { debianBusybox, debianPackage, fetchDebianPackages } from '../scripts/debian.mjs';
import { findKernel } from './kernel.mjs';
import { formatRatio, formatResults, measureInTurn } from './measure.mjs';

const ROUNDS = 5;

/**
 * The levels whose pages are compared, and those that are measured: makedumpfile 1.7.6 does not recognise the free pages of
 * Linux 6.12 (16, 31), and would save many more pages than this project.
 */
const LEVELS = [1, 2, 4, 8, 16, 31];
const MEASURED_LEVELS = [1];

/** Options of makedumpfile, by the names of the compressions. */
const COMPRESSIONS = { lzo: '-l', zlib: '-c', zstd: '-z' };

const PACKAGES = ['makedumpfile:trixie', 'libc6:trixie'];
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

if (process.arch !== 'x64') {
  process.stdout.write(
    'dumps of x86_64: measured on an x86_64 machine only, where makedumpfile runs natively\n\n',
  );
  process.exit();
}
fetchDebianPackages(PACKAGES);
const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const vmcore = process.argv[2] ?? rehearse(join(folder, 'vmcore'));
  // Called by this name, the program takes makedumpfile's options.
  symlinkSync(resolve('bin/kexec-file.js'), join(folder, 'makedumpfile'));
  const programs = { ours: [join(folder, 'makedumpfile')], theirs: buildMakedumpfile() };
  compareSelections(vmcore, programs);
  compareTimes(vmcore, programs);
} finally {
  rmSync(folder, { recursive: true });
}

/** Crashes a PC of QEMU. @returns the path of the dump */
function rehearse(vmcore) {
  runOrThrow([
    ...['node', 'bin/kexec-file.js', 'crash', 'rehearse', '--machine', 'qemu-q35', '--vmcore', vmcore],
    ...['--console', join(folder, 'console.log')],
    ...['--kernel', findKernel('cloud-6.12:amd64'), '--busybox', debianBusybox('x86_64')],
    ...['--memory', '1G', '--smp', '1', '--crashkernel', '192M', '--timeout', '600'],
  ]);
  return vmcore;
}

/** The command that runs Debian 13's makedumpfile with its own libraries. */
function buildMakedumpfile() {
  const [makedumpfile, libc] = PACKAGES.map(debianPackage);
  const libraries = [makedumpfile, libc].map((path) => join(path, LIBRARIES));
  const loader = join(libc, LIBRARIES, 'ld-linux-x86-64.so.2');
  return [loader, '--library-path', libraries.join(':'), join(makedumpfile, 'usr/bin/makedumpfile')];
}

/** Prints how many pages each level keeps, and how many only one of both. */
function compareSelections(vmcore, { ours, theirs }) {
  const count = (runs) => runs.reduce((sum, { start, end }) => sum + end - start, 0n);
  const rows = LEVELS.map((level) => {
    const [here, there] = [ours, theirs].map((program) => listKept([...program, '-l', '-d', level, vmcore]));
    const different = count(subtract(here, there)) + count(subtract(there, here));
    return `| ${level} | ${count(here)} | ${count(there)} | ${different} |`;
  });
  process.stdout.write(`| level | pages kept | by makedumpfile | by one of both |
| --- | --- | --- | --- |
${rows.join('\n')}

`);
}

/** The page frames that a command keeps. */
function listKept(command) {
  const output = join(folder, 'kept');
  rmSync(output, { force: true });
  runOrThrow([...command.map(String), output]);
  const source = openFileSource(output);
  try {
    const { dumpedBitmap, bitmapSize } = readKdumpHeader(source);
    return [...new Bitmap(source, dumpedBitmap, bitmapSize).runs()];
  } finally {
    source.close();
  }
}

function runOrThrow([program, ...args]) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ?? stdout + stderr}`);
}

/** Prints wall and CPU time of each level and compression. */
function compareTimes(vmcore, { ours, theirs }) {
  const output = join(folder, 'saved');
  const fresh = (...command) => ['sh', '-c', 'rm -f "$0"; exec "$@" "$0"', output, ...command.map(String)];
  const variants = MEASURED_LEVELS.flatMap((level) =>
    Object.entries(COMPRESSIONS).map(([name, option]) => ({
      name: `-d ${level} ${option} (${name})`,
      args: [option, '-d', level, vmcore],
    })),
  );
  const commands = variants.flatMap(({ name, args }) => [
    [`makedumpfile ${name}`, fresh(...theirs, ...args)],
    [`makedumpfile ${name} --num-threads 2`, fresh(...theirs, '--num-threads', 2, ...args)],
    [`ours as makedumpfile ${name}`, fresh(...ours, '--num-threads', 2, ...args)],
  ]);
  // makedumpfile 1.7.6 with two threads was seen to end by SIGABRT, once of some dozen runs.
  const mayAbort = variants.map(({ name }) => `makedumpfile ${name} --num-threads 2`);
  const results = measureInTurn(Object.fromEntries(commands), ROUNDS, { mayAbort });
  const lines = variants.map(({ name }) => {
    const two = results[`makedumpfile ${name} --num-threads 2`];
    const one = results[`makedumpfile ${name}`];
    const { wall, cpu } = results[`ours as makedumpfile ${name}`];
    return (
      `- ${name}: ${formatRatio(wall, two.wall)} times the wall time of makedumpfile with two threads (goal: 1.5), ` +
      `${formatRatio(cpu, two.cpu)} times its CPU time; of one thread ${formatRatio(wall, one.wall)} and ${formatRatio(cpu, one.cpu)}`
    );
  });
  const aborts = mayAbort
    .filter((name) => results[name].aborts > 0)
    .map((name) => `- \`${name}\` ended by a signal ${results[name].aborts} times, and was run again`);
  process.stdout.write(`${formatResults(results)}\n\n${[...lines, ...aborts].join('\n')}\n`);
}
