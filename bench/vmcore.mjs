/**
 * The arm64 half of `npm run bench:vmcore`: compares `vmcore save` with zstd and makedumpfile, in the same run, on the dump of an
 * oracle kernel with 1 GiB; and measures its peak memory for a dump of 10 GiB:
 *
 *     KEXEC_ORACLE=DIR npm run bench:vmcore
 *
 * Needs the oracle (docs/conformance.md) and the files that `npm run setup` fetches. The results are in
 * docs/performance.md.
 */

import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { formatGoal, formatRatio, formatResults, measureInTurn } from './measure.mjs';

const ROUNDS = 3;
const LARGE_BYTES = 10n << 30n;

const load = (source, name) => loadBundled(source, `build/bench/${name}.mjs`);
const { crashMachine } = await load('test/conformance/crash/crash.ts', 'crash');
const { SHAPES } = await load('test/conformance/crash/machines.ts', 'machines');
const { findOracle } = await load('test/support/oracle/oracle.ts', 'oracle');
const { writeCrashTools } = await load('test/support/oracle/crash.ts', 'tools');
const { buildPackageCommand } = await load('test/support/package-program.ts', 'package-program');

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  writeCrashTools(join(folder, 'tools'));
  const { vmcore } = await crashMachine(
    findOracle('6.12'),
    SHAPES[0],
    join(folder, 'machine'),
    join(folder, 'tools'),
  );
  const fresh = (command, output) => [
    ...['sh', '-c', 'rm -f "$1" "$1".*; shift; exec "$@"', 'sh', join(folder, output)],
    ...command,
    join(folder, output),
  ];
  const save = (input, ...options) => [
    'node',
    'bin/kexec-file.js',
    'vmcore',
    'save',
    input,
    ...options,
    '-o',
  ];
  const zstd = (input, output) => fresh(['zstd', '-q', '-1', '-T2', join(folder, input), '-o'], output);
  const makedumpfile = buildPackageCommand('makedumpfile', 'usr/bin/makedumpfile');

  const results = measureInTurn(
    {
      'node -e 0': ['node', '-e', '0'],
      'save --filter all --compress none': fresh(
        save(vmcore, '--filter', 'all', '--compress', 'none'),
        'pages',
      ),
      'save --filter all': fresh(save(vmcore, '--filter', 'all'), 'zlib'),
      'save --filter all --compress zstd': fresh(
        save(vmcore, '--filter', 'all', '--compress', 'zstd'),
        'zstd',
      ),
      'zstd -1 -T2, of those pages': zstd('pages', 'pages.zst'),
      'makedumpfile -c -d 31, emulated': fresh([...makedumpfile, '-c', '-d', '31', vmcore], 'makedumpfile'),
      'save --compress none': fresh(save(vmcore, '--compress', 'none'), 'more-pages'),
      save: fresh(save(vmcore), 'more-zlib'),
      'save --compress zstd': fresh(save(vmcore, '--compress', 'zstd'), 'more-zstd'),
      'zstd -1 -T2, of these pages': zstd('more-pages', 'more-pages.zst'),
      'makedumpfile -c -d 17, emulated': fresh([...makedumpfile, '-c', '-d', '17', vmcore], 'makedumpfile'),
    },
    ROUNDS,
  );
  enlarge(vmcore, join(folder, 'large'));
  const large = { 'save, of 10 GiB': fresh(save(join(folder, 'large')), 'saved') };
  const all = { ...results, ...measureInTurn(large, 1) };
  report(all);
} finally {
  rmSync(folder, { recursive: true });
}

function report(results) {
  const {
    save: zlib,
    'save --compress zstd': zstd,
    'zstd -1 -T2, of these pages': packed,
    'save --filter all': all,
    'makedumpfile -c -d 31, emulated': allByMakedumpfile,
    'makedumpfile -c -d 17, emulated': byMakedumpfile,
  } = results;
  const beside = ({ wall, cpu }, goal) =>
    `${formatRatio(wall, packed.wall)} times the wall time of \`zstd -1 -T2\` ${formatGoal(wall / packed.wall, goal)}, ${formatRatio(cpu, packed.cpu)} times its CPU time`;
  const most = Math.max(...Object.values(results).map(({ peak }) => peak || 0));
  process.stdout.write(`${ROUNDS} rounds, medians

${formatResults(results)}

- the default filter with zlib, by two threads: ${beside(zlib, 2.5)}
- the default filter with zstd: ${beside(zstd, 1.3)}
- \`--filter all\`: ${formatRatio(all.cpu, allByMakedumpfile.cpu)} times the CPU time of the emulated makedumpfile; the default: ${formatRatio(zlib.cpu, byMakedumpfile.cpu)} times
- peak memory: at most ${most.toFixed(0)} MiB ${formatGoal(most, 150, ' MiB')}
`);
}

/** Copies a vmcore and enlarges its last PT_LOAD to 10 GiB with zeros. */
function enlarge(vmcore, copy) {
  copyFileSync(vmcore, copy);
  const file = openSync(copy, 'r+');
  const head = Buffer.alloc(4096);
  readSync(file, head, 0, head.length, 0);
  const entries = Array.from({ length: head.readUInt16LE(56) }, (_, index) => 64 + index * 56);
  const readOffset = (at) => head.readBigUInt64LE(at + 8);
  const last = entries.reduce((most, at) => (readOffset(at) > readOffset(most) ? at : most));
  for (const field of [32, 40]) head.writeBigUInt64LE(LARGE_BYTES, last + field);
  writeSync(file, head, 0, head.length, 0);
  ftruncateSync(file, Number(readOffset(last) + LARGE_BYTES));
  closeSync(file);
}
