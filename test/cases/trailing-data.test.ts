/** What follows a kernel in its file: device trees for a boot loader, padding, other bytes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { buildImage, buildStubImage } from '../support/image.js';
import { tryInspect, tryPlan } from '../support/kernel-trials.js';

const FOLDER = join(import.meta.dirname, 'field/02-appended-dtb');
const ATTACK = join(import.meta.dirname, 'attack/17-truncating-decompressors');

const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const image = buildImage();
const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);

function buildTree(compatible: string): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, 'compatible', text(`${compatible}\0`));
  return writeFdt(fdt);
}

describe('a device tree behind a kernel', () => {
  it.each([
    ['field/02: Image.gz-dtb', readFileSync(join(FOLDER, 'Image.gz-dtb')), 'acme,board'],
    ['field/02: Image-dtb', readFileSync(join(FOLDER, 'Image-dtb')), 'acme,board'],
    [
      'two trees behind gzip',
      concat(gzipSync(image), buildTree('one'), buildTree('two')),
      '2 device trees, the first for one',
    ],
    [
      'a tree behind gzip and padding',
      concat(gzipSync(image), new Uint8Array(13), buildTree('one')),
      'for one',
    ],
    [
      'two trees behind an Image',
      concat(image, buildTree('one'), buildTree('two')),
      '2 device trees, the first for one',
    ],
    ['a tree and padding behind an Image', concat(image, buildTree('one'), new Uint8Array(100)), 'for one'],
    ['a tree behind an Image with an EFI stub', concat(buildStubImage(), buildTree('one')), 'for one'],
    ['a tree behind an Image in gzip', gzipSync(concat(image, buildTree('one'))), 'for one'],
  ])('%s: it loads, and both commands note that the tree is not used', async (_, file, note) => {
    const { refusal, lines } = await tryPlan(new Uint8Array(file));
    expect(refusal).toBeUndefined();
    const noted = lines.filter((line) => line.startsWith('note') && line.includes(note));
    expect(noted).toHaveLength(1);
    expect(noted[0]).toMatch(/not used/);
    expect(await tryInspect(new Uint8Array(file))).toMatch(note);
  });

  it('a tree in the middle of an Image is part of it', async () => {
    const { lines } = await tryPlan(concat(image, buildTree('one'), Uint8Array.of(1, 2, 3)));
    expect(lines.filter((line) => line.includes('for one'))).toEqual([]);
  });

  it.each<[string, () => Uint8Array]>([
    [
      'a megabyte of magics',
      () => new Uint8Array(1 << 24).map((_, at) => [0xd0, 0x0d, 0xfe, 0xed][at % 4] ?? 0),
    ],
    [
      'headers that all claim the rest',
      () => {
        const file = new Uint8Array(1 << 22);
        const view = new DataView(file.buffer);
        for (let at = 0; at + 64 < file.length; at += 64) {
          [0xd00dfeed, file.length - at, 40, 40, 40, 17, 16, 0, 0, 0].forEach((word, index) => {
            view.setUint32(at + index * 4, word);
          });
        }
        file.fill(1, file.length - 64);
        return file;
      },
    ],
  ])('%s cost little', async (_, build) => {
    const { lines } = await tryPlan(concat(image, build()));
    expect(lines.length).toBeGreaterThan(1);
  });
});

describe('other bytes behind a kernel', () => {
  it.each([
    ['zeros behind gzip', concat(gzipSync(image), new Uint8Array(100)), undefined],
    [
      'letters behind gzip',
      concat(gzipSync(image), text('GGGG')),
      /4 B follow the gzip data and are ignored.*begins with \[47/,
    ],
    ['a qcow2 image behind gzip', concat(gzipSync(image), text('QFI\xfb')), /begins with/],
    [
      'an archive behind gzip',
      concat(gzipSync(image), text('070701'), text('0'.repeat(104))),
      /a cpio archive/,
    ],
    [
      'an archive behind the sections',
      concat(buildStubImage(), text('070701'), text('0'.repeat(104))),
      /follow the Image.*cpio/,
    ],
  ])('%s are named', async (_, file, note) => {
    const { refusal, lines } = await tryPlan(file);
    expect(refusal).toBeUndefined();
    const notes = lines.filter((line) => /follow/.test(line));
    if (note === undefined) expect(notes).toEqual([]);
    else expect(notes).toEqual([expect.stringMatching(note)]);
  });

  it.each([
    ['a second member that was cut off', concat(gzipSync(image), gzipSync(image).subarray(0, 9))],
    ['one byte of a magic', concat(gzipSync(image), Uint8Array.of(0x1f))],
  ])('%s is refused', async (_, file) => {
    expect((await tryPlan(file)).refusal).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
  });
});

describe('attack/17: concatenated compressed files', () => {
  it.each(['bzip2_-c', 'gzip_-c', 'lz4_-q_-c', 'lz4_-q_-l_-c', 'lzop_-c', 'xz_-c', 'zstd_-q_-c'])(
    'ms.%s: all of it is loaded',
    async (name) => {
      const { refusal, kernel } = await tryPlan(new Uint8Array(readFileSync(join(ATTACK, `ms.${name}`))));
      expect(refusal).toBeUndefined();
      expect(kernel).toHaveLength(0xfa60);
    },
  );

  it('ms.xz_--format=lzma_-c: refused, as xz refuses it', async () => {
    const { refusal } = await tryPlan(new Uint8Array(readFileSync(join(ATTACK, 'ms.xz_--format=lzma_-c'))));
    expect(refusal).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
    expect(refusal?.cure).toMatch(/head -c \d+ FILE/);
  });

  it('bl-zero: a block of size 0 is refused', async () => {
    const { refusal } = await tryPlan(new Uint8Array(gunzipSync(readFileSync(join(ATTACK, 'bl-zero.gz')))));
    expect(refusal).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
  });
});
