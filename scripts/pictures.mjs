/**
 * Writes the pictures of docs/images:
 *
 *   node scripts/pictures.mjs            writes them
 *   node scripts/pictures.mjs --check    compares them with the checked-in ones: exit code 1 if they differ
 *
 * They show loads on a machine that is made up: a board with 4 GiB and a crash region. It reads dist, so run `npm run
 * build` before.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeU64, ensureNode, parseFdt, setProperty, writeFdt } from '../dist/doors/fdt-door.js';
import { PRESETS, recordMachine } from '../dist/doors/machine-door.js';
import { buildMemoryRows, drawMemoryMap, plan } from '../dist/doors/plan-door.js';
import { ROOT } from './setup/files.mjs';

const MIB = 0x10_0000;

const IOMEM = `40000000-13fffffff : System RAM
  40200000-4201ffff : Kernel code
  42020000-427effff : reserved
  427f0000-4300ffff : Kernel data
  48000000-4affffff : reserved
  70000000-8fffffff : Crash kernel
  13f000000-13fffffff : reserved
`;

/** What a capture kernel's ELF core header needs. */
const CRASH = {
  notes: [{ start: 0x4280_0000n, end: 0x4280_0200n }],
  vmcoreinfo: { start: 0x4281_0000n, end: 0x4281_1000n },
  text: { start: 0x4020_0000n, end: 0x4301_0000n, virtual: 0xffff_8000_8000_0000n },
  linearMap: { physical: 0x4000_0000n, virtual: 0xffff_0000_0000_0000n },
};

function buildMachine() {
  const tree = parseFdt(PRESETS['qemu-virt']().arm64.deviceTree);
  const chosen = ensureNode(tree, '/chosen');
  setProperty(tree, chosen, 'linux,initrd-start', encodeU64(0x4800_0000n));
  setProperty(tree, chosen, 'linux,initrd-end', encodeU64(0x4b00_0000n));
  tree.reservations.push({ address: 0x1_3f00_0000n, size: 0x100_0000n });
  const machine = recordMachine('a board', { fdt: writeFdt(tree), iomem: IOMEM });
  return { ...machine, possibleCpus: 1, crash: CRASH };
}

/** An arm64 Image: Documentation/arch/arm64/booting.rst, section 4. */
function buildImage(length, imageSize) {
  const image = new Uint8Array(length);
  const view = new DataView(image.buffer);
  view.setBigUint64(16, BigInt(imageSize), true);
  view.setBigUint64(24, 0xan, true);
  view.setUint32(56, 0x644d5241, true);
  return image;
}

async function draw(type, title) {
  const machine = buildMachine();
  const initrd = new Uint8Array(40 * MIB);
  const result = await plan(buildImage(36 * MIB, 38 * MIB), { machine, initrd, commandLine: 'quiet', type });
  if ('refusal' in result) throw result.refusal;
  return drawMemoryMap(buildMemoryRows(machine, result.kimage), { title });
}

const PICTURES = {
  'memory-map.svg': await draw('default', 'kexec-file plan vmlinuz --initrd initrd.img'),
  'crash-memory-map.svg': await draw('crash', 'kexec-file plan vmlinuz --initrd initrd.img --panic'),
};

for (const [name, svg] of Object.entries(PICTURES)) {
  const path = join(ROOT, 'docs/images', name);
  if (!process.argv.includes('--check')) writeFileSync(path, svg);
  else if (readFileSync(path, 'utf8') !== svg) {
    console.error(`docs/images/${name} is not what scripts/pictures.mjs draws: run "npm run pictures"`);
    process.exitCode = 1;
  }
}
