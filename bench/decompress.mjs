/**
 * `npm run bench:decompress`: decompresses Debian's kernel by the decoders of this project and by libraries from npm,
 * in turn and in the same process. Needs the files that `npm run setup` fetches, and npm, which installs the libraries
 * into a temporary folder. The results are in docs/performance.md.
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
import { findKernel } from './kernel.mjs';
import { formatGoal, formatRatio, median } from './measure.mjs';

const LIBRARIES = ['fzstd@0.1.1', 'xz-decompress@0.2.3', 'lz4js@0.2.0'];
const ROUNDS = 7;
const GOAL = 1.2;
const MAX_KERNEL_BYTES = 192 << 20;
const PAGE_BYTES = 4096;
const PAGES = 4096;

const kernel = readFileSync(findKernel());

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', ...LIBRARIES]);
  await init();
  report(await measureCases(listCases(createRequire(join(folder, 'index.js')))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Each case decompresses the kernel, or its first pages, by a library and by this project. */
function listCases(require) {
  const fzstd = require('fzstd');
  const lz4js = require('lz4js');
  const { XzReadableStream } = require('xz-decompress');
  const pages = Array.from({ length: PAGES }, (_, index) =>
    packPage(kernel.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES), 1),
  );
  const byPage = (unpack) => () => Buffer.concat(pages.map((page) => unpack(page, PAGE_BYTES)));
  // Without checksums of the contents, which these libraries do not verify, except for that of xz.
  const files = {
    gzip: compress('gzip', '-9', '-c'),
    zstd: compress('zstd', '-q', '-19', '--no-check', '-c'),
    xz: compress('xz', '--check=crc32', '-6', '-c'),
    lz4: compress('lz4', '-q', '-9', '--no-frame-crc', '-c'),
  };
  const ours = (compression) => async () =>
    (await nodeDecompress(compression))(files[compression], { limit: MAX_KERNEL_BYTES, atLimit: 'refuse' });
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

/** Medians of CPU time in milliseconds. Library and project take turns, and the first round is not counted. */
async function measureCases(cases) {
  const results = [];
  for (const { name, library, by, ours } of cases) {
    const times = { library: [], ours: [] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [decoder, decode] of [
        ['library', by],
        ['ours', ours],
      ]) {
        const start = process.cpuUsage();
        const bytes = await decode();
        const { user, system } = process.cpuUsage(start);
        if (Buffer.compare(bytes, kernel.subarray(0, bytes.length)) !== 0)
          throw new Error(`${name}: wrong output of ${decoder}`);
        if (round > 0) times[decoder].push((user + system) / 1000);
      }
    }
    results.push({ name, library, by: median(times.library), ours: median(times.ours) });
  }
  return results;
}

function report(results) {
  const rows = results.map(
    ({ name, library, by, ours }) =>
      `| ${name} | \`${library}\` | ${by.toFixed(0)} | ${ours.toFixed(0)} | ${formatRatio(ours, by)} ${formatGoal(ours / by, GOAL)} |`,
  );
  process.stdout.write(`CPU time, medians of ${ROUNDS} rounds; Debian's cloud kernel of ${(kernel.length / 2 ** 20).toFixed(0)} MiB

| compression | library | CPU ms | ours | ratio |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`);
}
