/**
 * `npm run bench -- plan`: compares planning with reading the same files, for each architecture.
 * Needs the kernels that `npm run setup` fetches. The results are in docs/performance.md.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKernel } from './kernel.mjs';
import { formatGoal, formatResults, measureInTurn } from './measure.mjs';

const KEXEC_FILE = ['node', 'bin/kexec-file.js'];
const INITRD_BYTES = 200 * 1024 * 1024;
const ROUNDS = 15;

/** A kernel for each architecture, the preset machine for which it is planned, and how many times the time of reading it may take. */
const PLANS = [
  { machine: 'qemu-virt', kernel: findKernel('cloud-6.12') },
  { machine: 'qemu-q35', kernel: findKernel('cloud-6.12:amd64'), goal: 1.5 },
];

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, new Uint8Array(INITRD_BYTES).fill(0x5a));
  for (const { machine, kernel, goal } of PLANS) {
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
    report(machine, results, (statSync(kernel).size + INITRD_BYTES) / 2 ** 20, goal);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(machine, results, fileMebibytes, goal) {
  const { 'node -e 0': node, 'kexec-file plan --json': plan } = results;
  const { 'node, reading both files': reading } = results;
  const time = plan.wall / reading.wall;
  const memory = (plan.peak - node.peak) / fileMebibytes;
  process.stdout.write(`${ROUNDS} rounds in turn, medians; \`--machine ${machine}\`, files of ${fileMebibytes.toFixed(0)} MiB

${formatResults(results)}

- plan: ${time.toFixed(2)} times the time of reading the files${goal === undefined ? '' : ` ${formatGoal(time, goal)}`}
- plan, memory without that of Node: ${memory.toFixed(2)} times the size of the files ${formatGoal(memory, 1.5)}

`);
}
