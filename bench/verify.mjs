/**
 * Verifying and signing against sbverify and sbsign, in the same run: `npm run bench`. Needs the kernels that
 * `npm run setup` fetches, and the package sbsigntool. docs/performance.md holds the results.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeHashes } from '../dist/node/codecs/node-hashes.js';
import { authenticodeDigest } from '../dist/trust/pe/authenticode.js';
import { parsePefile } from '../dist/trust/pe/pefile.js';
import { debianKernel } from '../scripts/debian.mjs';
import { measureInTurn, ratio, resultsTable } from './measure.mjs';

const KEXEC_FILE = ['node', 'bin/kexec-file.js'];
const COUNT = 10;
const ROUNDS = 9;

const kernel = debianKernel('cloud-6.12');
if (kernel === undefined) throw new Error('the kernel is not there: run `npm run setup`');

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
  run('sbsign', ['--key', key, '--cert', cert, '--output', signed, unsigned()]);
  const files = Array.from({ length: COUNT }, (_, index) => join(folder, `kernel${index}`));
  for (const file of files) copyFileSync(signed, file);

  // Neither overwrites what is there, so each signs to a new file every time.
  const fresh = 'out="$1"; shift; rm -f "$out"; exec "$@" --output "$out"';
  const sign = (program, name) => ['sh', '-c', fresh, 'sh', join(folder, name), ...program];
  const signer = ['--key', key, '--cert', cert, unsigned()];
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
  report(results, digestRates(signed));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Debian's kernel without its signature. */
function unsigned() {
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

/** SHA-256 in bytes a second, each the best of its rounds: a PE file's digest, and what OpenSSL says of itself. */
function digestRates(file) {
  const pe = new Uint8Array(readFileSync(file));
  const layout = parsePefile(pe);
  const rates = { ours: 0, openssl: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    authenticodeDigest(pe, layout, nodeHashes('sha256'));
    rates.ours = Math.max(rates.ours, pe.length / (Number(process.hrtime.bigint() - start) / 1e9));
    const speed = run('openssl', ['speed', '-mr', '-evp', 'sha256', '-bytes', '1048576', '-seconds', '1']);
    rates.openssl = Math.max(rates.openssl, Number(/^\+F:.*:([\d.]+)$/m.exec(speed)?.[1]));
  }
  return rates;
}

function report(results, rates) {
  const many = [results[`kexec-file verify, ${COUNT} files`], results[`sbverify, ${COUNT} times`]];
  const one = [results['kexec-file verify, one file'], results['sbverify, once']];
  process.stdout.write(`Node ${process.version}, ${ROUNDS} rounds in turn, medians; kernels of 33 MiB

${resultsTable(results)}

- ${COUNT} kernels: ${ratio(many[0].wall, many[1].wall)} times sbverify's wall time, ${ratio(many[0].cpu, many[1].cpu)} times its CPU time
- one kernel: ${(one[0].wall - one[1].wall).toFixed(0)} ms more than sbverify; Node's own start takes ${results['node -e 0'].wall.toFixed(0)} ms
- signing: ${(results['kexec-file sign'].wall - results.sbsign.wall).toFixed(0)} ms more than sbsign
- digest of a PE file: ${(rates.ours / 1e9).toFixed(2)} GB/s, ${ratio(rates.ours, rates.openssl)} times the rate of openssl speed -evp sha256
`);
}
