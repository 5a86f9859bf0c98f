import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Check } from '../../../src/base/checks.js';
import { findNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeU32 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildImage } from '../../support/image.js';
import {
  buildFit,
  buildUimage,
  buildZboot,
  COMPRESSORS,
  type Compressor,
  compress,
} from '../../support/kernel-files.js';
import { buildPe, changeNumber, PE_OFFSETS, SECTION_OFFSETS } from '../../support/pe.js';
import { buildVmlinux } from '../../support/vmlinux.js';

const MIB = 1 << 20;

/** What a hostile file may make the command take, in KiB, Node's own included. */
const MEMORY_LIMIT = 300 * 1024;

/** Long enough for a busy machine; what hangs takes longer. In milliseconds. */
const PATIENCE = 60_000;

/**
 * Tells the process's peak of memory once it ends. Linux counts in its resource usage what the process was forked from, too, which
 * here is as large as all tests before; proc_pid_status(5) does not.
 */
const TELLER = `const { readFileSync, writeSync } = require('node:fs');
process.on('exit', () => writeSync(2, '\\npeak ' + /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));
`;

/** Plans a file in a process of its own: the check that refused it, and the peak of its memory. */
function plan(contents: Uint8Array): { readonly check: string | undefined; readonly peak: number } {
  const folder = makeTemporaryFolder();
  const [file, teller] = [join(folder, 'kernel'), join(folder, 'teller.cjs')];
  writeFileSync(file, contents);
  writeFileSync(teller, TELLER);
  const args = ['--require', teller, 'bin/kexec-file.js', 'plan', file, '--machine', 'qemu-virt'];
  const { status, stderr, signal } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: PATIENCE,
  });
  expect(signal).toBeNull();
  expect(status).toBe(1);
  const [, check] = /^refused: E\w+ \((\S+)\)$/m.exec(stderr) ?? [];
  return { check, peak: Number(/^peak (\d+)$/m.exec(stderr)?.[1]) };
}

const IMAGE = buildImage();
const IMAGE_OF_1_MIB = buildImage({ length: MIB, imageSize: BigInt(MIB) });
const UKI = buildPe({ sections: [{ name: '.linux', bytes: IMAGE }] });

/** The start of what tells no size beforehand, and more zeros than all that may be decompressed. */
function bomb(): Uint8Array {
  const file = new Uint8Array(200 * MIB);
  file.set(UKI);
  return file;
}

/** Half of what may be decompressed, and in it as much again and more. */
function bombInBomb(): Uint8Array {
  const outer = new Uint8Array(120 * MIB);
  const inner = new Uint8Array(120 * MIB);
  inner.set(UKI);
  outer.set(compress(inner, 'lz4'));
  return compress(outer, 'lz4');
}

/** Lays sections over each other, or says of them what is not so. */
function section(
  file: Uint8Array,
  index: number,
  field: keyof typeof SECTION_OFFSETS,
  value: number,
): Uint8Array {
  const sectionTable = PE_OFFSETS.optional + 112 + 16 * 8;
  return changeNumber(file, sectionTable + index * 40 + SECTION_OFFSETS[field], value);
}

const twoSections = (first: string, second: string): Uint8Array =>
  buildPe({ sections: [first, second].map((name) => ({ name, bytes: IMAGE })) });

/** A FIT whose kernel is so many bytes from somewhere: itself, say. */
function fitAt(position: number, size: number): Uint8Array {
  const fdt = parseFdt(buildFit({ kernel: IMAGE }));
  const kernel = findNode(fdt.root, '/images/kernel-1') ?? expect.fail();
  kernel.properties = kernel.properties.filter(({ name }) => name !== 'data');
  setProperty(fdt, kernel, 'data-position', encodeU32(position));
  setProperty(fdt, kernel, 'data-size', encodeU32(size));
  return writeFdt(fdt);
}

/** As many wrappings within wrappings as make a kilobyte. */
function deep(): Uint8Array {
  let file: Uint8Array = IMAGE;
  for (let depth = 0; depth < 30; depth += 1) file = compress(file, 'gzip');
  return file;
}

/** A device tree of nothing but nodes within nodes. */
function deepFit(): Uint8Array {
  const depth = 500_000;
  const [header, reservations] = [40, 16];
  const file = new Uint8Array(header + reservations + depth * 8 + 8);
  const view = new DataView(file.buffer);
  const fields = [
    0xd00dfeed,
    file.length,
    header + reservations,
    file.length,
    header,
    17,
    16,
    0,
    0,
    depth * 8 + 8,
  ];
  for (const [index, field] of fields.entries()) view.setUint32(index * 4, field);
  for (let at = 0; at < depth; at += 1) view.setUint32(header + reservations + at * 8, 1);
  return file;
}

const CORPUS: readonly (readonly [string, () => Uint8Array, Check])[] = [
  ...(Object.keys(COMPRESSORS) as Compressor[]).map(
    (compressor) =>
      [`a bomb by ${compressor}`, () => compress(bomb(), compressor), 'unwrapped-size'] as const,
  ),
  ['a bomb in a bomb', bombInBomb, 'unwrapped-size'],
  ['a zboot image with a bomb', () => buildZboot(compress(bomb(), 'zstd'), 'zstd', 1), 'unwrapped-size'],
  ['a uImage with a bomb', () => buildUimage(compress(bomb(), 'lz4'), 'lz4'), 'unwrapped-size'],
  [
    'an Image that is longer than it says',
    () => compress(Buffer.concat([IMAGE_OF_1_MIB, new Uint8Array(1)]), 'zstd'),
    'unwrapped-size',
  ],
  ['a zboot image whose payload is itself', () => changeNumber(zboot(), 8, 0), 'zboot'],
  ['a zboot image whose payload leaves it', () => changeNumber(zboot(), 12, 0xffff_ffff), 'zboot'],
  ['a UKI with two kernels', () => twoSections('.linux', '.linux'), 'uki'],
  [
    'a UKI whose sections overlap',
    () => section(twoSections('.linux', '.initrd'), 1, 'pointer', 0x400),
    'pe-section',
  ],
  ['a UKI whose kernel is its headers', () => section(UKI, 0, 'pointer', 0), 'pe-section'],
  ['a UKI whose kernel leaves it', () => section(UKI, 0, 'size', 0xffff_ffff), 'pe-section'],
  [
    'a UKI in itself, so to speak',
    () => buildPe({ sections: [{ name: '.linux', bytes: UKI.subarray(0, 512) }] }),
    'pe-header',
  ],
  ['a FIT that points at itself', () => fitAt(0, 500), 'fit'],
  ['a FIT whose kernel leaves it', () => fitAt(0x10_0000, 0xffff_ffff), 'fit'],
  ['a FIT of half a million nodes', deepFit, 'dtb-structure'],
  ['a vmlinux that takes all memory', () => vmlinuxWith(32, 0xffff_ffff), 'vmlinux'],
  ['a vmlinux with its headers for its kernel', () => vmlinuxWith(8, 0), 'image-magic'],
  ['wrappings without an end', deep, 'kernel-file'],
];

function zboot(): Uint8Array {
  return buildZboot(compress(IMAGE, 'gzip'), 'gzip', IMAGE.length);
}

/** A vmlinux with the lower half of one field of its first PT_LOAD set. */
function vmlinuxWith(field: number, value: number): Uint8Array {
  const file = buildVmlinux(IMAGE);
  const headers = Number(Buffer.from(file).readBigUInt64LE(32));
  return changeNumber(file, headers + field, value);
}

describe('a hostile kernel file is refused, and takes little memory', { timeout: PATIENCE + 10_000 }, () => {
  it.each(CORPUS)('%s', (_, build, expected) => {
    const { check, peak } = plan(build());
    expect(check).toBe(expected);
    expect(peak).toBeGreaterThan(20 * 1024);
    expect(peak).toBeLessThan(MEMORY_LIMIT);
  });
});
