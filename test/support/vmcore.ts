import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createByteSource } from '../../src/base/byte-source.js';
import { concatenate } from '../../src/base/bytes.js';
import { nodeCodecs } from '../../src/node/codecs/node-codecs.js';
import { formatDmesgLine } from '../../src/vmcore/log/dmesg.js';
import { readLog } from '../../src/vmcore/log/read-log.js';
import { openVmcore, type Vmcore } from '../../src/vmcore/open/open-vmcore.js';

/** Real dumps, reduced: test/data/vmcore/README.md. */
export const REDUCED_VMCORES = [
  'linux-7.3-48bit',
  'linux-6.12-48bit',
  'debian-6.12-52bit',
  'debian-6.1-48bit',
  'debian-6.12-x86_64',
  'debian-7.3-x86_64',
] as const;

export type ReducedVmcore = (typeof REDUCED_VMCORES)[number];

const dataOf = (file: string): Buffer => readFileSync(new URL(`../data/vmcore/${file}`, import.meta.url));

/** An ELF vmcore. */
export function readReducedVmcore(name: ReducedVmcore): Uint8Array {
  return new Uint8Array(gunzipSync(dataOf(`${name}.vmcore.gz`)));
}

/** The output of vmcore-dmesg of kexec-tools 2.0.25 for it. */
export function readExpectedDmesg(name: ReducedVmcore): string {
  return dataOf(`${name}.dmesg`).toString('latin1');
}

export function openVmcoreBytes(bytes: Uint8Array): Vmcore {
  return openVmcore(createByteSource(bytes), nodeCodecs);
}

/** The log as `vmcore dmesg` prints it, and the problems of reading it. */
export function readDmesg(bytes: Uint8Array): { text: string; problems: string[] } {
  const problems: string[] = [];
  const lines = [...readLog(openVmcoreBytes(bytes))((what) => problems.push(what))].map(formatDmesgLine);
  return { text: Buffer.from(concatenate(lines)).toString('latin1'), problems };
}
