/**
 * `vmcore save` of what the oracle kernel leaves of 1 GiB, against zstd and makedumpfile, in the same run; and its peak
 * memory for a dump of 10 GiB:
 *
 *     npm run build && KEXEC_ORACLE=DIR node bench/vmcore.mjs
 *
 * Needs the oracle (docs/conformance.md) and what `npm run setup` fetches. docs/performance.md holds the results.
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
import { measureInTurn, ratio, resultsTable } from './measure.mjs';

const ROUNDS = 3;
const LARGE = 10n << 30n;

const load = (source, name) => loadBundled(source, `build/bench/${name}.mjs`);
const { crashMachine } = await load('test/conformance/crash/crash.ts', 'crash');
const { SHAPES } = await load('test/conformance/crash/machines.ts', 'machines');
const { crashTools } = await load('test/support/oracle/crash.ts', 'tools');
const { arm64Command } = await load('test/support/arm64-program.ts', 'arm64-program');

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  crashTools(join(folder, 'tools'));
  const { vmcore } = await crashMachine(SHAPES[0], join(folder, 'machine'), join(folder, 'tools'));
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
  const makedumpfile = arm64Command('makedumpfile', 'usr/bin/makedumpfile');

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
  console.log(resultsTable(all));
  const { save: plain, 'zstd -1 -T2, of these pages': packed } = results;
  console.log(`- save: ${ratio(plain.wall, packed.wall)} times the wall time of zstd`);
  const most = Math.max(...Object.values(all).map(({ peak }) => peak || 0));
  console.log(`- peak memory: at most ${most.toFixed(0)} MiB (goal: 150)`);
} finally {
  rmSync(folder, { recursive: true });
}

/** A copy of a vmcore whose last PT_LOAD has 10 GiB, of which what is new is zeros. */
function enlarge(vmcore, copy) {
  copyFileSync(vmcore, copy);
  const file = openSync(copy, 'r+');
  const head = Buffer.alloc(4096);
  readSync(file, head, 0, head.length, 0);
  const entries = Array.from({ length: head.readUInt16LE(56) }, (_, index) => 64 + index * 56);
  const offsetOf = (at) => head.readBigUInt64LE(at + 8);
  const last = entries.reduce((most, at) => (offsetOf(at) > offsetOf(most) ? at : most));
  for (const field of [32, 40]) head.writeBigUInt64LE(LARGE, last + field);
  writeSync(file, head, 0, head.length, 0);
  ftruncateSync(file, Number(offsetOf(last) + LARGE));
  closeSync(file);
}
