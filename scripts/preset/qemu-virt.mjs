/** `npm run preset`: records the preset machine `qemu-virt` from QEMU. Needs qemu-system-aarch64. */
import { writeFileSync } from 'node:fs';
import { encodeBase64 } from '../../dist/base/bytes.js';
import { recordFromQemu } from '../../dist/node/qemu/record-qemu.js';

/** The machine that the README's QEMU command for `plan --elf` starts. */
const OPTIONS = { machine: 'virt', cpu: 'cortex-a57', memory: '2G', cpus: 1 };

const machine = await recordFromQemu(OPTIONS);
const hex = (value) => `0x${value.toString(16)}n`;
const ranges = (list) =>
  `[${list.map(({ start, end }) => `{ start: ${hex(start)}, end: ${hex(end)} }`).join(', ')}]`;
const base64 = encodeBase64(machine.arm64.deviceTree).replace(/.{1,100}/g, "\n    '$&' +");

writeFileSync(
  new URL('../../src/machine/presets/qemu-virt.ts', import.meta.url),
  `// Recorded by scripts/preset/qemu-virt.mjs; do not edit.
import { decodeBase64 } from '../../base/bytes.js';
import type { Arm64Machine } from '../arm64/arm64-machine.js';

/**
 * QEMU's virt board with ${OPTIONS.memory.replace('G', ' GiB')} of RAM: \`-M ${OPTIONS.machine} -cpu ${OPTIONS.cpu} -m
 * ${OPTIONS.memory}\`.
 */
export function buildQemuVirt(): Arm64Machine {
  return {
    architecture: 'arm64',
    name: 'qemu-virt',
    memorySource: '${machine.memorySource}',
    memory: ${ranges(machine.memory)},
    reserved: ${ranges(machine.reserved)},
    pageSize: ${machine.pageSize},
    qemu: ${JSON.stringify(machine.qemu)},
    arm64: {
      deviceTree: decodeBase64(DEVICE_TREE),
      deviceTreeAddress: ${hex(machine.arm64.deviceTreeAddress)},
      granules: ${JSON.stringify(machine.arm64.granules)},
      mixedEndian: ${machine.arm64.mixedEndian},
    },
  };
}

const DEVICE_TREE = // biome-ignore format: lines of base64${base64.slice(0, -2)};
`,
);
