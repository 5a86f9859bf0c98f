/**
 * What purgatory costs, counted in instructions, against kexec-tools': `npm run bench:purgatory`. Needs gcc, and what
 * `npm run setup` fetches. docs/performance.md holds the results.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { purgatoryObject } from '../dist/kexec/arm64/purgatory/purgatory-object.js';
import { kexecFileLoad } from '../dist/kexec/file-load.js';
import { nodeHashes } from '../dist/node/codecs/node-hashes.js';
import { recordFromQemu } from '../dist/node/qemu/record-qemu.js';
import { debianKernel } from '../scripts/debian.mjs';
import { countPurgatory, verifiedBytes } from './count.mjs';
import { countHandOver, PROGRAMS } from './guest.mjs';
import { ratio } from './measure.mjs';

const MEBIBYTE = 2 ** 20;
const INITRD = new Uint8Array(64 * MEBIBYTE).fill(0x5a);
const QEMU = { machine: 'virt', cpu: 'cortex-a57', memory: '2G', cpus: 1 };

/** How purgatory can be made to verify, and what it says then. */
const WAYS = {
  'with SHA-2 instructions': {
    options: { sha2: true },
    said: "with the CPU's instructions for it, caches on",
  },
  'with base instructions': { options: { sha2: false }, said: 'with base instructions, caches on' },
};

const kernel = debianKernel('cloud-6.12');
if (kernel === undefined) throw new Error('the kernel is not there: run `npm run setup`');
const machine = await recordFromQemu(QEMU);

const ways = {};
for (const [name, way] of Object.entries(WAYS)) ways[name] = await countWay(way);

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

/** Two sizes of initrd give what a byte costs, and what is left for no bytes. */
async function countWay(way) {
  const whole = await countLoad(way, INITRD);
  const half = await countLoad(way, INITRD.subarray(0, INITRD.length / 2));
  const perByte = (whole.instructions - half.instructions) / (whole.bytes - half.bytes);
  return { ...whole, fixed: whole.instructions - perByte * whole.bytes };
}

async function countLoad({ options, said }, initrd) {
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
  const bytes = verifiedBytes(kimage.segments);
  const { instructions, console } = await countPurgatory(kimage, QEMU);
  for (const text of [said, `${bytes} bytes are as they were loaded`]) {
    if (!console.includes(text)) throw new Error(`purgatory did not say "${text}":\n${console}`);
  }
  return { bytes, instructions };
}

function report() {
  const rows = [
    ...Object.entries(ways).map(([name, { bytes, instructions }]) => [
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
      `| ${name} | ${bytes} | ${instructions} | ${ratio(instructions, bytes)} |`,
  );
  const toKernel = ({ before, purgatory }) => before + purgatory;
  const { 'kexec-tools': theirs, 'kexec-file': ours } = handOvers;
  process.stdout.write(`Debian's cloud kernel and an initrd of ${INITRD.length / MEBIBYTE} MiB; ${QEMU.cpu}, caches on

| what verifies | bytes | instructions | a byte |
| --- | --- | --- | --- |
${rows.join('\n')}

${Object.entries(ways)
  .map(([name, { fixed }]) => `- fixed cost ${name}: ${Math.round(fixed)} instructions`)
  .join('\n')}
- from reboot(2) to the next kernel's first instruction: ${toKernel(ours)} instructions, ${ratio(toKernel(ours), toKernel(theirs))} times kexec-tools' ${toKernel(theirs)}; ${ours.before} and ${theirs.before} of them before purgatory
- built object: ${purgatoryObject().length} bytes
`);
}
