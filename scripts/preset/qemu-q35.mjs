/**
 * `npm run preset`: records the preset machine `qemu-q35` as `machine record --qemu --board q35` does, with Debian's
 * kernel. Needs qemu-system-x86_64, and the packages of `npm run setup`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBase64 } from '../../dist/base/bytes.js';
import { QEMU_BOARDS } from '../../dist/machine/qemu-boards.js';
import { recordBooted } from '../../dist/node/qemu/record-booted.js';
import { debianKernel, debianPackage } from '../debian.mjs';

/** As many CPUs and as much RAM as the preset qemu-virt has. */
const OPTIONS = { machine: 'q35', cpu: QEMU_BOARDS.q35.cpu, memory: '2G', cpus: 1 };

const hex = (value) => `0x${value.toString(16)}n`;
const range = ({ start, end }) => `{ start: ${hex(start)}, end: ${hex(end)} }`;
const list = (items) => items.map((item) => `\n        ${item},`).join('');

const { memory, memorySource, totalRam, possibleCpus, qemu, x86 } = await recordBooted({
  qemu: OPTIONS,
  firmware: 'none',
  kernel: readFileSync(debianKernel('cloud-6.12:amd64')),
  busybox: readFileSync(join(debianPackage('image-busybox-static:amd64'), 'bin/busybox')),
  commandLine: '',
  timeout: 180,
});
const { bufsz, memsz, alignment } = x86.purgatory;
const { space, address, value } = x86.resetRegister;
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
    memorySource: '${memorySource}',
    memory: [${memory.map(range).join(', ')}],
    // Where KASLR has put the running kernel is another place each time, and no search depends on it.
    reserved: [],
    totalRam: ${hex(totalRam)},
    pageSize: 4096,
    possibleCpus: ${possibleCpus},
    qemu: ${JSON.stringify(qemu)},
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
      resetRegister: { space: '${space}', address: ${hex(address)}, value: ${value} },
    },
  };
}

const BOOT_PARAMS = // biome-ignore format: lines of base64${bootParams.slice(0, -2)};
`,
);
