/** The x86_64 half of `npm run bench:purgatory`: what a byte costs in each way of hashing. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePurgatoryObject } from '../dist/kexec/x86-64/purgatory/purgatory-object.js';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { formatRatio } from './measure.mjs';
import { buildStepper } from './plugin/build.mjs';

const { buildDigestProgram, encodeRegions, HASHING_WAYS } = await loadBundled(
  'test/support/x86-digest-program.ts',
  'build/bench/x86-digest-program.mjs',
);

/** Few, because single steps are slow; the difference of both is the cost of a byte. */
const SIZES = [16 * 1024, 32 * 1024];

/** Counts the instructions of each way on this machine's CPU, which must be one for x86_64. */
export function reportX86() {
  const stepper = buildStepper();
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
  try {
    const program = join(folder, 'digest');
    buildDigestProgram(program);
    const rows = HASHING_WAYS.map(({ way }, index) => {
      const [small, large] = SIZES.map((size) => countSteps(stepper, [program, String(index)], size));
      return `| purgatory for x86_64, with ${way} | ${formatRatio(large - small, SIZES[1] - SIZES[0])} |`;
    });
    process.stdout.write(`
| what verifies | per byte |
| --- | --- |
${rows.join('\n')}

- built object: ${decodePurgatoryObject().length} bytes
`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countSteps(stepper, command, size) {
  const input = encodeRegions([new Uint8Array(size).fill(0x5a)]);
  const { status, stderr, error } = spawnSync(stepper, command, { input });
  if (error !== undefined || status !== 0) throw new Error(`${command.join(' ')}: ${error ?? stderr}`);
  return Number(stderr);
}
