/**
 * Decompression of Debian's kernel by what this project does it with, against npm's libraries, in turn and in the same
 * process: `npm run bench:decompress`. Needs what `npm run setup` fetches, and npm for the libraries, which go into a
 * folder of their own. docs/performance.md holds the results.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { init, compress as packPage } from '@bokuweb/zstd-wasm';
import { nodeCodecs } from '../dist/node/codecs/node-codecs.js';
import { nodeDecompress } from '../dist/node/codecs/node-decompress.js';
import { debianKernel } from '../scripts/debian.mjs';
import { ratio } from './measure.mjs';

const LIBRARIES = ['fzstd@0.1.1', 'xz-decompress@0.2.3', 'lz4js@0.2.0'];
const ROUNDS = 7;
const LIMIT = 192 << 20;
const PAGE = 4096;
const PAGES = 4096;

const path = debianKernel('cloud-6.12');
if (path === undefined) throw new Error('the kernel is not there: run `npm run setup`');
const kernel = readFileSync(path);

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', ...LIBRARIES]);
  await init();
  report(await measure(cases(createRequire(join(folder, 'index.js')))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What is decompressed, by the library and by us; each gives the kernel, or its first pages. */
function cases(require) {
  const fzstd = require('fzstd');
  const lz4js = require('lz4js');
  const { XzReadableStream } = require('xz-decompress');
  const pages = Array.from({ length: PAGES }, (_, index) =>
    packPage(kernel.subarray(index * PAGE, (index + 1) * PAGE), 1),
  );
  const byPage = (unpack) => () => Buffer.concat(pages.map((page) => unpack(page, PAGE)));
  // Without checksums of the contents, which these libraries do not verify; xz's does.
  const files = {
    gzip: compress('gzip', '-9', '-c'),
    zstd: compress('zstd', '-q', '-19', '--no-check', '-c'),
    xz: compress('xz', '--check=crc32', '-6', '-c'),
    lz4: compress('lz4', '-q', '-9', '--no-frame-crc', '-c'),
  };
  const ours = (compression) => async () =>
    (await nodeDecompress(compression))(files[compression], { limit: LIMIT, atLimit: 'refuse' });
  return [
    { name: 'gzip', library: 'node:zlib', by: () => gunzipSync(files.gzip), ours: ours('gzip') },
    { name: 'zstd', library: 'fzstd', by: () => fzstd.decompress(files.zstd), ours: ours('zstd') },
    {
      name: 'zstd, pages',
      library: 'fzstd',
      by: byPage((page, size) => fzstd.decompress(page, new Uint8Array(size))),
      ours: byPage(nodeCodecs.zstd),
    },
    {
      name: 'xz',
      library: 'xz-decompress',
      by: () => buffer(Readable.fromWeb(new XzReadableStream(Readable.toWeb(Readable.from([files.xz]))))),
      ours: ours('xz'),
    },
    { name: 'lz4', library: 'lz4js', by: () => lz4js.decompress(files.lz4), ours: ours('lz4') },
  ];
}

function compress(program, ...args) {
  return run(program, args, kernel);
}

function run(program, args, input) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, maxBuffer: 1 << 28 });
  if (error !== undefined || status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
  return stdout;
}

/** Medians of CPU time in milliseconds: the library and we in turn, after a round that is not counted. */
async function measure(all) {
  const results = [];
  for (const { name, library, by, ours } of all) {
    const times = { by: [], ours: [] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [who, decode] of [
        ['by', by],
        ['ours', ours],
      ]) {
        const start = process.cpuUsage();
        const bytes = await decode();
        const { user, system } = process.cpuUsage(start);
        if (Buffer.compare(bytes, kernel.subarray(0, bytes.length)) !== 0) throw new Error(`${name}: ${who}`);
        if (round > 0) times[who].push((user + system) / 1000);
      }
    }
    results.push({ name, library, by: median(times.by), ours: median(times.ours) });
  }
  return results;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function report(results) {
  const rows = results.map(
    ({ name, library, by, ours }) =>
      `| ${name} | \`${library}\` | ${by.toFixed(0)} | ${ours.toFixed(0)} | ${ratio(ours, by)} |`,
  );
  const head = [
    '| compression | library | CPU ms | ours | ratio (goal: 1.2) |',
    '| --- | --- | --- | --- | --- |',
  ];
  process.stdout.write(`${[...head, ...rows].join('\n')}\n`);
}
