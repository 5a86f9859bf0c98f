/**
 * `npm run bench -- verify`: compares verifying and signing with sbverify and sbsign, in the same run. Needs the kernels that
 * `npm run setup` fetches, and the package sbsigntool. The results are in docs/performance.md.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHashes } from '../dist/node/codecs/node-hashes.js';
import { digestAuthenticode } from '../dist/trust/pe/authenticode.js';
import { parsePefile } from '../dist/trust/pe/pefile.js';
import { findKernel } from './kernel.mjs';
import { formatGoal, formatRatio, formatResults, measureInTurn } from './measure.mjs';

const KEXEC_FILE = ['node', 'bin/kexec-file.js'];
const COUNT = 10;
const ROUNDS = 9;

const kernel = findKernel();

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=bench',
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  const signed = join(folder, 'signed');
  run('sbsign', ['--key', key, '--cert', cert, '--output', signed, removeSignature()]);
  const files = Array.from({ length: COUNT }, (_, index) => join(folder, `kernel${index}`));
  for (const file of files) copyFileSync(signed, file);

  // Neither program overwrites a file, so the output is removed first.
  const fresh = 'out="$1"; shift; rm -f "$out"; exec "$@" --output "$out"';
  const sign = (program, name) => ['sh', '-c', fresh, 'sh', join(folder, name), ...program];
  const signer = ['--key', key, '--cert', cert, removeSignature()];
  const loop = 'cert="$1"; shift; for file in "$@"; do sbverify --cert "$cert" "$file" || exit 1; done';
  const results = measureInTurn(
    {
      'node -e 0': ['node', '-e', '0'],
      [`sbverify, ${COUNT} times`]: ['sh', '-c', loop, 'sh', cert, ...files],
      [`kexec-file verify, ${COUNT} files`]: [...KEXEC_FILE, 'verify', '--cert', cert, ...files],
      'sbverify, once': ['sbverify', '--cert', cert, signed],
      'kexec-file verify, one file': [...KEXEC_FILE, 'verify', '--cert', cert, signed],
      sbsign: sign(['sbsign', ...signer], 'by-sbsign'),
      'kexec-file sign': sign([...KEXEC_FILE, 'sign', ...signer], 'by-us'),
    },
    ROUNDS,
  );
  report(results, measureDigestRates(signed));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Removes the signature of Debian's kernel. @returns the path of the unsigned copy */
function removeSignature() {
  const file = join(folder, 'unsigned');
  copyFileSync(kernel, file);
  run('sbattach', ['--remove', file]);
  return file;
}

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined || status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
  return stdout;
}

/**
 * Rates of SHA-256 in bytes per second, each the best of its rounds: that of a PE file's digest, and that of `openssl
 * speed`.
 */
function measureDigestRates(file) {
  const pe = new Uint8Array(readFileSync(file));
  const layout = parsePefile(pe);
  const rates = { ours: 0, openssl: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    digestAuthenticode(pe, layout, nodeHashes('sha256'));
    rates.ours = Math.max(rates.ours, pe.length / (Number(process.hrtime.bigint() - start) / 1e9));
    const speed = run('openssl', ['speed', '-mr', '-evp', 'sha256', '-bytes', '1048576', '-seconds', '1']);
    rates.openssl = Math.max(rates.openssl, Number(/^\+F:.*:([\d.]+)$/m.exec(speed)?.[1]));
  }
  return rates;
}

function report(results, rates) {
  const many = [results[`kexec-file verify, ${COUNT} files`], results[`sbverify, ${COUNT} times`]];
  const one = [results['kexec-file verify, one file'], results['sbverify, once']];
  const node = results['node -e 0'].wall;
  const more = one[0].wall - one[1].wall;
  process.stdout.write(`${ROUNDS} rounds in turn, medians; kernels of 33 MiB

${formatResults(results)}

- ${COUNT} kernels: ${formatRatio(many[0].wall, many[1].wall)} times sbverify's wall time ${formatGoal(many[0].wall / many[1].wall, 0.5)}, ${formatRatio(many[0].cpu, many[1].cpu)} times its CPU time
- one kernel: ${more.toFixed(0)} ms more than sbverify; the start of Node takes ${node.toFixed(0)} ms ${formatGoal(more, node.toFixed(0), ' ms more')}
- signing: ${(results['kexec-file sign'].wall - results.sbsign.wall).toFixed(0)} ms more than sbsign
- digest of a PE file: ${(rates.ours / 1e9).toFixed(2)} GB/s, ${formatRatio(rates.ours, rates.openssl)} times the rate of \`openssl speed -evp sha256\` (goal: at least 0.9)
`);
}
