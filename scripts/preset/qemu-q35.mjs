/**
 * `npm run preset`: records the preset machine `qemu-q35` from Debian's kernel in QEMU's q35 with SeaBIOS. Needs
 * qemu-system-x86_64, and the packages of `npm run setup`. With the path of a tar, it takes what the collector collected there.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase64 } from '../../dist/base/bytes.js';
import { extractVmlinux } from '../../dist/kernel-file/extract-vmlinux.js';
import { findKernelPurgatory } from '../../dist/machine/x86-64/kernel-purgatory.js';
import { nodeDecompress } from '../../dist/node/codecs/node-decompress.js';
import { recordFrom } from '../../dist/node/collect/record-from.js';
import { debianKernel, debianPackage } from '../debian.mjs';
import { collectInGuest } from './q35-guest.mjs';

const OPTIONS = { machine: 'q35', cpu: 'qemu64', memory: '2G', cpus: 1 };
const KERNEL = debianKernel('cloud-6.12:amd64');
const BUSYBOX = join(debianPackage('image-busybox-static:amd64'), 'bin/busybox');

const hex = (value) => `0x${value.toString(16)}n`;
const range = ({ start, end }) => `{ start: ${hex(start)}, end: ${hex(end)} }`;
const list = (items) => items.map((item) => `\n        ${item},`).join('');

const folder = mkdtempSync(join(tmpdir(), 'q35-'));
try {
  const tar = process.argv[2] ?? collectInGuest({ kernel: KERNEL, busybox: BUSYBOX }, OPTIONS, folder);
  const { memory, x86 } = await recordFrom(tar);
  const vmlinux = await extractVmlinux(readFileSync(KERNEL), nodeDecompress);
  const { bufsz, memsz, alignment } = findKernelPurgatory(vmlinux);
  const bootParams = encodeBase64(x86.bootParams).replace(/.{1,100}/g, "\n    '$&' +");
  writeFileSync(
    new URL('../../src/machine/presets/qemu-q35.ts', import.meta.url),
    `// Recorded by scripts/preset/qemu-q35.mjs; do not edit.
import { decodeBase64 } from '../../base/bytes.js';
import type { X86Machine } from '../x86-64/x86-machine.js';

/**
 * QEMU's q35 with SeaBIOS and ${OPTIONS.memory.replace('G', ' GiB')} of RAM, \`-M ${OPTIONS.machine} -m ${OPTIONS.memory}\`, as Debian's Linux 6.12 finds it, of
 * whose purgatory the preset has the size alone.
 */
export function buildQemuQ35(): X86Machine {
  return {
    architecture: 'x86_64',
    name: 'qemu-q35',
    memorySource: 'iomem',
    memory: [${memory.map(range).join(', ')}],
    reserved: [],
    pageSize: 4096,
    possibleCpus: ${OPTIONS.cpus},
    x86: {
      e820: [${list(x86.e820.map((entry) => `{ range: ${range(entry.range)}, type: ${entry.type} }`))}
      ],
      resources: [${list(x86.resources.map((one) => `{ name: '${one.name}', range: ${range(one.range)} }`))}
      ],
      bootParams: decodeBase64(BOOT_PARAMS),
      purgatory: { bufsz: ${hex(bufsz)}, memsz: ${hex(memsz)}, alignment: ${hex(alignment)} },
      fiveLevels: ${x86.fiveLevels},
      gigabytePages: ${x86.gigabytePages},
      tdxGuest: ${x86.tdxGuest},
    },
  };
}

const BOOT_PARAMS = // biome-ignore format: lines of base64${bootParams.slice(0, -2)};
`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
