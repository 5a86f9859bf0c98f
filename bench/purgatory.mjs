/**
 * `npm run bench:purgatory`: counts the instructions of purgatory, for arm64 and x86_64, and of that of kexec-tools. Needs gcc,
 * and the files that `npm run setup` fetches. The results are in docs/performance.md.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePurgatoryObject } from '../dist/kexec/arm64/purgatory/purgatory-object.js';
import { kexecFileLoad } from '../dist/kexec/file-load.js';
import { nodeHashes } from '../dist/node/codecs/node-hashes.js';
import { recordFromQemu } from '../dist/node/qemu/record-qemu.js';
import { countPurgatory, countVerifiedBytes } from './count.mjs';
import { countHandOver, PROGRAMS } from './guest.mjs';
import { findKernel } from './kernel.mjs';
import { formatGoal, formatRatio } from './measure.mjs';
import { reportX86 } from './purgatory-x86.mjs';

const MEBIBYTE = 2 ** 20;
const INITRD = new Uint8Array(64 * MEBIBYTE).fill(0x5a);
const QEMU = { machine: 'virt', cpu: 'cortex-a57', memory: '2G', cpus: 1 };

/** The instructions that a byte may take, options of purgatory, and what it prints with them. */
const VARIANTS = {
  'with SHA-2 instructions': {
    goal: 1.7,
    options: { sha2: true },
    printed: "with the CPU's instructions for it, caches on",
  },
  'with SIMD instructions': {
    goal: 21,
    options: { sha2: false },
    printed: 'with SIMD instructions, caches on',
  },
  'with base instructions': {
    goal: 21,
    options: {},
    cpu: 'max,pauth-impdef=on,vfp=off,neon=off',
    printed: 'with base instructions, caches on',
  },
};

const kernel = findKernel();
const machine = await recordFromQemu(QEMU);

const variants = {};
for (const [name, variant] of Object.entries(VARIANTS)) variants[name] = await countVariant(variant);

const handOvers = {};
const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, INITRD);
  for (const [name, program] of Object.entries(PROGRAMS)) {
    handOvers[name] = await countHandOver(program, { '/boot/vmlinuz': kernel, '/boot/initrd': initrd });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();
await reportX86(INITRD.subarray(0, MEBIBYTE));

/** Counts with two sizes of initrd, from which the cost of a byte and the fixed cost follow. */
async function countVariant(variant) {
  const whole = await countLoad(variant, INITRD);
  const half = await countLoad(variant, INITRD.subarray(0, INITRD.length / 2));
  const perByte = (whole.instructions - half.instructions) / (whole.bytes - half.bytes);
  return { ...whole, goal: variant.goal, fixed: whole.instructions - perByte * whole.bytes };
}

async function countLoad({ options, cpu = QEMU.cpu, printed }, initrd) {
  const request = {
    kernel: new Uint8Array(readFileSync(kernel)),
    initrd,
    options: { commandLine: 'quiet', purgatory: options },
  };
  const { kimage, refusal } = kexecFileLoad(
    { ...request, hashes: nodeHashes, random: (n) => new Uint8Array(n) },
    machine,
  );
  if (refusal !== undefined) throw refusal;
  const bytes = countVerifiedBytes(kimage.segments);
  const { instructions, console } = await countPurgatory(kimage, { ...QEMU, cpu });
  for (const text of [printed, `${bytes} bytes verified`]) {
    if (!console.includes(text)) throw new Error(`purgatory did not print "${text}":\n${console}`);
  }
  return { bytes, instructions };
}

function report() {
  const rows = [
    ...Object.entries(variants).map(([name, { bytes, instructions }]) => [
      `purgatory, ${name}`,
      bytes,
      instructions,
    ]),
    ...Object.entries(handOvers).map(([name, { bytes, purgatory }]) => [
      `purgatory of ${name}, in a guest`,
      bytes,
      purgatory,
    ]),
  ].map(
    ([name, bytes, instructions]) =>
      `| ${name} | ${bytes} | ${instructions} | ${formatRatio(instructions, bytes)} |`,
  );
  const toKernel = ({ before, purgatory }) => before + purgatory;
  const { 'kexec-tools': theirs, 'kexec-file': ours } = handOvers;
  const [fewer, more] = [ours, theirs].map(toKernel);
  const size = decodePurgatoryObject().length;
  process.stdout.write(`Debian's cloud kernel and an initrd of ${INITRD.length / MEBIBYTE} MiB; ${QEMU.cpu}, caches on

| what verifies | bytes | instructions | per byte |
| --- | --- | --- | --- |
${rows.join('\n')}

${Object.entries(variants)
  .map(
    ([name, { bytes, instructions, fixed, goal }]) =>
      `- ${name}: ${formatRatio(instructions, bytes)} per byte ${formatGoal(instructions / bytes, goal)}, and ${Math.round(fixed)} in all cases ${formatGoal(fixed, 100_000)}`,
  )
  .join('\n')}
- from reboot(2) to the next kernel's first instruction: ${fewer} instructions, ${formatRatio(fewer, more)} times kexec-tools' ${more} ${formatGoal(fewer / more, 0.1)}; ${ours.before} and ${theirs.before} of them in the first kernel
- built object: ${size} bytes ${formatGoal(size, 16_384)}
`);
}
