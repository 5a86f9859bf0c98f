/**
 * The x86_64 half of `npm run bench:purgatory`: what a byte costs in each way of hashing, and with the purgatory of
 * kexec-tools.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kexecFileLoad } from '../dist/kexec/file-load.js';
import { decodePurgatoryObject } from '../dist/kexec/x86-64/purgatory/purgatory-object.js';
import { PRESETS } from '../dist/machine/presets/presets.js';
import { nodeHashes } from '../dist/node/codecs/node-hashes.js';
import { debianKernel } from '../scripts/debian.mjs';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { countPurgatory, countVerifiedBytes } from './count.mjs';
import { replacePurgatory } from './kexec-tools-purgatory.mjs';
import { formatGoal, formatRatio } from './measure.mjs';
import { buildStepper } from './plugin/build.mjs';

const { buildDigestProgram, encodeRegions, HASHING_WAYS } = await loadBundled(
  'test/support/x86-digest-program.ts',
  'build/bench/x86-digest-program.mjs',
);

/** Few, because single steps are slow; the difference of both is the cost of a byte. */
const SIZES = [16 * 1024, 32 * 1024];

/** From the start of the kernel: boot.rst, "64-bit Boot Protocol". */
const ENTRY_OFFSET = 0x200n;

const COM1 = { kind: '8250-port', base: 0x3f8n, shift: 0, width: 1 };

/** The instructions that a byte may take on a CPU without the SHA instructions. */
const PER_BYTE_GOAL = 12;

/** The same with them. */
const PER_BYTE_SHA_GOAL = 2;

/** CPUs that QEMU emulates, and how our purgatory says that it verifies there. */
const CPUS = { qemu64: 'SSE2', Haswell: 'AVX2' };

/**
 * Counts complete hand-overs in QEMU, and each way of hashing on this machine's CPU, if it is one for x86_64: QEMU emulates
 * the SHA instructions since 8.2.
 */
export async function reportX86(initrd) {
  const { rows, goals, theirs } = await countHandOvers(initrd);
  const size = decodePurgatoryObject().length;
  process.stdout.write(`
Debian's cloud kernel for x86_64 and an initrd of ${initrd.length / 2 ** 20} MiB; QEMU's q35

| what verifies | bytes | instructions | per byte | of kexec-tools' |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

${goals.join('\n')}
- built object: ${size} bytes ${formatGoal(size, 16_384)}
`);
  if (process.arch === 'x64') reportWays(theirs);
  else process.stdout.write('\neach way of hashing: counted on an x86_64 machine only\n');
}

/** Counts our purgatory and that of kexec-tools with the same segments. */
async function countHandOvers(initrd) {
  const machine = PRESETS['qemu-q35']();
  const kernel = new Uint8Array(readFileSync(debianKernel('cloud-6.12:amd64')));
  const options = { call: 'segments', commandLine: 'quiet', purgatory: { serial: COM1 } };
  const { kimage, refusal } = kexecFileLoad({ kernel, initrd, options, hashes: nodeHashes }, machine);
  if (refusal !== undefined) throw refusal;
  const kernelEntry = kimage.segments.find(({ name }) => name === 'kernel').mem + ENTRY_OFFSET;
  const bytes = countVerifiedBytes(kimage.segments);
  const count = (what, cpu) => countPurgatory(what, { ...machine.qemu, cpu }, { machine, kernelEntry });

  const { instructions: whole } = await count(replacePurgatory(kimage, kernelEntry), 'qemu64');
  const goals = [];
  const rows = [formatRow('purgatory of kexec-tools', bytes, whole, whole)];
  for (const [cpu, way] of Object.entries(CPUS)) {
    const { instructions, console } = await count(kimage, cpu);
    for (const text of [`by SHA-256, with ${way}\n`, `${bytes} bytes verified`]) {
      if (!console.includes(text)) throw new Error(`purgatory did not print "${text}":\n${console}`);
    }
    rows.push(formatRow(`purgatory for x86_64, with ${way} (${cpu})`, bytes, instructions, whole));
    goals.push(
      `- with ${way}: ${formatRatio(instructions, bytes)} per byte ${formatGoal(instructions / bytes, PER_BYTE_GOAL)}`,
    );
  }
  return { rows, goals, theirs: whole / bytes };
}

function formatRow(name, bytes, instructions, theirs) {
  const ratios = [formatRatio(instructions, bytes), formatRatio(instructions, theirs)];
  return `| ${[name, bytes, instructions, ...ratios].join(' | ')} |`;
}

/** Counts the instructions of each way on this machine's CPU, which must be one for x86_64. @param theirs - per byte */
function reportWays(theirs) {
  const stepper = buildStepper();
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
  try {
    const program = join(folder, 'digest');
    buildDigestProgram(program);
    const ways = HASHING_WAYS.map(({ way, needs }, index) => {
      const [small, large] = SIZES.map((size) => countSteps(stepper, [program, String(index)], size));
      return { way, perByte: (large - small) / (SIZES[1] - SIZES[0]), hasSha: needs.includes('sha_ni') };
    });
    const rows = ways.map(
      ({ way, perByte }) => `| ${way} | ${perByte.toFixed(2)} | ${formatRatio(perByte, theirs)} |`,
    );
    const goals = ways
      .filter(({ hasSha }) => hasSha)
      .map(
        ({ way, perByte }) =>
          `- with ${way}: ${perByte.toFixed(2)} per byte ${formatGoal(perByte, PER_BYTE_SHA_GOAL)}`,
      );
    process.stdout.write(`
| SHA-256 for x86_64, with | per byte | of kexec-tools' |
| --- | --- | --- |
${rows.join('\n')}

${goals.join('\n')}
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
