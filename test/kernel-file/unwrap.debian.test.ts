import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { Trail, type TrailEntry } from '../../src/base/trail.js';
import { crc32 } from '../../src/formats/compression/checksums.js';
import { type UnwrappedKernel, unwrapKernel } from '../../src/kernel-file/unwrap.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { corpus } from '../support/corpus.js';
import { buildImage } from '../support/image.js';
import {
  buildFit,
  buildUimage,
  buildUki,
  buildZboot,
  COMPRESSORS,
  type Compressor,
  compress,
  ZBOOT_NAMES,
} from '../support/kernel-files.js';
import { buildSmallDeviceTree } from '../support/machine.js';
import { buildPe } from '../support/pe.js';
import { buildVmlinux } from '../support/vmlinux.js';

const MIB = 1 << 20;

/**
 * Debian's kernel with its own header, cut short so that many can be made of it: nothing here looks behind the header.
 */
const IMAGE = new Uint8Array(readFileSync(corpus.cloudKernel())).slice(0, MIB);
const INITRD = new Uint8Array(1000).fill(5);
const GZIPPED = compress(IMAGE, 'gzip');

async function unwrap(file: Uint8Array): Promise<UnwrappedKernel & { trail: readonly TrailEntry[] }> {
  const trail = new Trail();
  const unwrapped = await unwrapKernel(file, { decompress: nodeDecompress, hashes: nodeHashes }, trail);
  return { ...unwrapped, trail: trail.entries };
}

/** Unwraps, and expects the very Image and these wrappings. */
async function expectImage(file: Uint8Array, ...names: readonly string[]): Promise<UnwrappedKernel> {
  const unwrapped = await unwrap(file);
  expect(Buffer.compare(unwrapped.image, IMAGE)).toBe(0);
  expect(unwrapped.layers.map(({ name }) => name)).toEqual(names);
  expect(unwrapped.trail.filter(({ verdict }) => verdict === 'ok')).toHaveLength(names.length);
  return unwrapped;
}

async function refusal(file: Uint8Array): Promise<KexecError> {
  const error: unknown = await unwrap(file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KexecError) return error;
  throw error ?? new Error('it was not refused');
}

const uki = (linux: Uint8Array): Uint8Array =>
  buildUki(corpus.stub(), { '.cmdline': 'console=ttyAMA0 quiet', '.initrd': INITRD, '.linux': linux });

describe('unwrapKernel gives the same Image out of', () => {
  it.each(Object.keys(COMPRESSORS) as Compressor[])('a file that %s compressed', async (compressor) => {
    await expectImage(compress(IMAGE, compressor), `${compressor.replace(' legacy', '')} file`);
  });

  it.each(Object.entries(ZBOOT_NAMES) as [Compressor, string][])(
    'a zboot image by %s, named %s',
    async (compressor, name) => {
      await expectImage(buildZboot(compress(IMAGE, compressor), name, IMAGE.length), 'zboot image');
    },
  );

  it('a zboot image of an Image that the build padded to its size in memory', async () => {
    const padded = new Uint8Array(4 * MIB);
    padded.set(buildImage({ length: 5000, imageSize: 4n * 1024n * 1024n }));
    const { image } = await unwrap(buildZboot(compress(padded, 'zstd'), 'zstd', padded.length));
    expect(Buffer.compare(image, padded)).toBe(0);
  });

  it('a UKI, with its initrd and command line', async () => {
    const unwrapped = await expectImage(uki(IMAGE), 'UKI');
    expect(unwrapped.commandLine).toBe('console=ttyAMA0 quiet');
    expect(Buffer.compare(unwrapped.initrd ?? new Uint8Array(), INITRD)).toBe(0);
    expect(unwrapped.envelopes).toEqual([]);
  });

  it('a vmlinux', async () => {
    await expectImage(buildVmlinux(IMAGE), 'vmlinux');
  });

  it.each([
    ['none', IMAGE],
    ['gzip', GZIPPED],
    ['bzip2', compress(IMAGE, 'bzip2')],
    ['lzma', compress(IMAGE, 'lzma')],
    ['lz4', compress(IMAGE, 'lz4')],
    ['zstd', compress(IMAGE, 'zstd')],
    ['lzo', compress(IMAGE, 'lzo')],
  ])('a uImage by %s', async (compression, data) => {
    await expectImage(buildUimage(data, compression), 'uImage');
  });

  it.each(['crc32', 'sha1', 'sha256', 'sha384', 'sha512'])('a FIT with hashes by %s', async (algorithm) => {
    const fdt = buildSmallDeviceTree();
    const file = buildFit({ kernel: GZIPPED, compression: 'gzip', ramdisk: INITRD, fdt, algorithm });
    const unwrapped = await expectImage(file, 'FIT');
    expect(unwrapped.layers[0]?.detail).toContain(
      `kernel-1: its ${algorithm} matches; ramdisk-1: its ${algorithm} matches`,
    );
    expect(Buffer.compare(unwrapped.initrd ?? new Uint8Array(), INITRD)).toBe(0);
    expect(unwrapped.deviceTrees).toHaveLength(1);
  });

  it('wrappings within wrappings', async () => {
    const zboot = buildZboot(GZIPPED, 'gzip', IMAGE.length);
    await expectImage(uki(zboot), 'UKI', 'zboot image');
    await expectImage(compress(uki(zboot), 'zstd'), 'zstd file', 'UKI', 'zboot image');
    await expectImage(buildUimage(compress(buildVmlinux(IMAGE), 'gzip'), 'gzip'), 'uImage', 'vmlinux');
  });

  it('a bare Image, also a big-endian one, and leaves other files to the loader', async () => {
    await expectImage(IMAGE);
    const big = buildImage({ flags: 0xbn });
    expect((await unwrap(compress(big, 'lz4'))).image).toEqual(big);
    const text = new TextEncoder().encode('#!/bin/sh\n');
    expect((await unwrap(text)).image).toBe(text);
    expect((await unwrap(buildSmallDeviceTree())).layers).toEqual([]);
    expect((await unwrap(new Uint8Array(0))).layers).toEqual([]);
  });

  it('a Buffer, without changing it', async () => {
    const file = Buffer.from(buildUimage(GZIPPED, 'gzip'));
    const before = Uint8Array.from(file);
    await expectImage(file, 'uImage');
    expect(Buffer.compare(file, before)).toBe(0);
  });
});

/** An Image's header that says so many bytes, and then so many zeros. */
function bomb(imageSize: bigint, length: number): Uint8Array {
  const image = new Uint8Array(length);
  image.set(buildImage({ imageSize, length: 64 }));
  return image;
}

describe('unwrapKernel refuses', () => {
  it.each(Object.keys(COMPRESSORS) as Compressor[])('bombs by %s', async (compressor) => {
    // Nothing but zeros is no kernel; what has a header gives no more than the header says.
    expect(await refusal(compress(new Uint8Array(40 * MIB), compressor))).toMatchObject({
      check: 'kernel-file',
      errno: 'ENOEXEC',
    });
    expect(await refusal(compress(bomb(65536n, 40 * MIB), compressor))).toMatchObject({
      check: 'unwrapped-size',
      errno: 'EFBIG',
    });
    expect(await refusal(compress(bomb(1n << 62n, 4096), compressor))).toMatchObject({
      check: 'unwrapped-size',
    });
  });

  it('bombs inside one another whose sum is too large', async () => {
    // Neither tells a size beforehand, and each alone would do.
    const [inner, outer] = [new Uint8Array(100 * MIB), new Uint8Array(100 * MIB)];
    inner.set(buildPe({ sections: [{ name: '.linux', bytes: IMAGE.subarray(0, 4096) }] }));
    outer.set(compress(inner, 'lz4'));
    expect(await refusal(compress(outer, 'gzip'))).toMatchObject({ check: 'unwrapped-size', errno: 'EFBIG' });
  });

  it('more wrappings than six', async () => {
    let file: Uint8Array = IMAGE.subarray(0, 4096);
    for (let depth = 0; depth < 6; depth += 1) file = compress(file, 'gzip');
    expect((await unwrap(file)).layers).toHaveLength(6);
    expect(await refusal(compress(file, 'gzip'))).toMatchObject({ check: 'kernel-file', errno: 'ENOEXEC' });
  });

  it('a FIT whose data or hash was changed', async () => {
    const file = buildFit({ kernel: IMAGE });
    const at = file.length - 100_000;
    file[at] = (file[at] ?? 0) ^ 1;
    expect(await refusal(file)).toMatchObject({ check: 'fit', errno: 'EBADMSG' });
  });

  it('a zboot image of an unknown compression, or with a wrong size', async () => {
    expect(await refusal(buildZboot(GZIPPED, 'zip', 1))).toMatchObject({ check: 'zboot' });
    const cut = buildZboot(GZIPPED.subarray(0, -5000), 'gzip', 1);
    expect(await refusal(cut)).toMatchObject({ check: 'compressed-data', errno: 'EBADMSG' });
    expect(await refusal(buildZboot(GZIPPED, 'xzkern', 1))).toMatchObject({ check: 'compressed-data' });
  });

  it('a uImage with a wrong compression', async () => {
    expect(await refusal(buildUimage(IMAGE, 'gzip'))).toMatchObject({ check: 'compressed-data' });
  });

  it('a PE file whose sections overlap', async () => {
    const file = buildPe({
      sections: [
        { name: '.linux', bytes: IMAGE.subarray(0, 4096) },
        { name: '.initrd', bytes: INITRD },
      ],
    });
    const overlapping = Uint8Array.from(file);
    // The second section's pointer becomes the first's.
    const header = 0x58 + 112 + 16 * 8;
    overlapping.copyWithin(header + 40 + 20, header + 20, header + 24);
    expect(await refusal(overlapping)).toMatchObject({ check: 'pe-section', errno: 'ELIBBAD' });
  });
});

const SMALL = buildImage({ length: 3000 });

describe('a thousand mutations end in a result or a KexecError', () => {
  it.each<[string, () => Uint8Array]>([
    ['UKI', () => buildUki(corpus.stub(), { '.cmdline': 'quiet', '.initrd': INITRD, '.linux': SMALL })],
    ['zboot image', () => buildZboot(compress(SMALL, 'gzip'), 'gzip', SMALL.length)],
    ['vmlinux', () => buildVmlinux(SMALL)],
    ['FIT', () => buildFit({ kernel: compress(SMALL, 'zstd'), compression: 'zstd', ramdisk: INITRD })],
    ['uImage', () => buildUimage(compress(SMALL, 'lz4'), 'lz4')],
  ])('of a %s', async (_, build) => {
    const file = build();
    const offset = fc.oneof(fc.nat({ max: 1023 }), fc.nat({ max: file.length - 1 }));
    const change = fc.tuple(offset, fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const mutated = Uint8Array.from(file);
        for (const [at, value] of changes) if (at < mutated.length) mutated[at] = value;
        repairCrcs(mutated);
        const result: unknown = await unwrap(mutated).catch((error: unknown) => error);
        if (!(result instanceof KexecError)) expect(result).toHaveProperty('image');
      }),
      { numRuns: 1000 },
    );
  });
});

/** A uImage's CRCs made right again, without which no mutation gets past them. */
function repairCrcs(file: Uint8Array): void {
  const view = new DataView(file.buffer);
  if (file.length < 64 || view.getUint32(0) !== 0x27051956) return;
  view.setUint32(24, crc32(file.subarray(64, 64 + view.getUint32(12))));
  view.setUint32(4, 0);
  view.setUint32(4, crc32(file.subarray(0, 64)));
}
