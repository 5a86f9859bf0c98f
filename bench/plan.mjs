/**
 * `npm run bench`: compares planning with reading the same files, for each architecture.
 * Needs the kernels that `npm run setup` fetches. The results are in docs/performance.md.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKernel } from './kernel.mjs';
import { formatRatio, formatResults, measureInTurn } from './measure.mjs';

const KEXEC_FILE = ['node', 'bin/kexec-file.js'];
const INITRD_BYTES = 200 * 1024 * 1024;
const ROUNDS = 15;

/** A kernel for each architecture, and the preset machine for which it is planned. */
const PLANS = [
  { machine: 'qemu-virt', kernel: findKernel('cloud-6.12') },
  { machine: 'qemu-q35', kernel: findKernel('cloud-6.12:amd64') },
];

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, new Uint8Array(INITRD_BYTES).fill(0x5a));
  for (const { machine, kernel } of PLANS) {
    const read = [kernel, initrd].map((file) => `fs.readFileSync(${JSON.stringify(file)})`).join(';');
    const options = ['--initrd', initrd, '--machine', machine, '--json'];
    const results = measureInTurn(
      {
        'node -e 0': ['node', '-e', '0'],
        'node, reading both files': ['node', '-e', `const fs=require('node:fs');${read}`],
        'kexec-file plan --json': [...KEXEC_FILE, 'plan', kernel, ...options],
      },
      ROUNDS,
    );
    report(machine, results, (statSync(kernel).size + INITRD_BYTES) / 2 ** 20);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(machine, results, fileMebibytes) {
  const { 'node -e 0': node, 'kexec-file plan --json': plan } = results;
  const { 'node, reading both files': reading } = results;
  process.stdout.write(`Node ${process.version}, ${ROUNDS} rounds in turn, medians; ${machine}, files of ${fileMebibytes.toFixed(0)} MiB

${formatResults(results)}

- plan: ${formatRatio(plan.wall, reading.wall)} times the time of reading the files
- plan, memory less Node's own: ${formatRatio(plan.peak - node.peak, fileMebibytes)} times the files

`);
}
