import { describe, expect, it } from 'vitest';
import { Trail } from '../../src/base/trail.js';
import { isKernelType, KERNEL_TYPES, type KernelType } from '../../src/kernel-file/types.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import { openKernelFile } from '../../src/kexec/open-kernel-file.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { buildBzimage } from '../support/bzimage.js';
import { corpus } from '../support/corpus.js';
import { buildImage } from '../support/image.js';
import { buildUimage, buildUki, buildZboot, compress } from '../support/kernel-files.js';
import { buildVmlinux } from '../support/vmlinux.js';

const IMAGE = buildImage();
const GZIPPED = compress(IMAGE, 'gzip');
const UKI = buildUki(corpus.stub(), { '.linux': buildZboot(GZIPPED, 'gzip', IMAGE.length) });

const open = (kernel: Uint8Array, options: LoadOptions) =>
  openKernelFile({ kernel, options }, { decompress: nodeDecompress, hashes: nodeHashes }, new Trail());

const BZIMAGE = buildBzimage();

const FILES: readonly (readonly [string, Uint8Array, readonly KernelType[]])[] = [
  ['a bzImage', BZIMAGE, ['bzImage', 'bzImage64']],
  ['a bzImage by gzip', compress(BZIMAGE, 'gzip'), ['bzImage', 'bzImage64']],
  ['an Image', IMAGE, ['Image']],
  ['an Image by gzip', GZIPPED, ['Image']],
  ['a zboot image', buildZboot(GZIPPED, 'gzip', IMAGE.length), ['vmlinuz', 'zImage']],
  ['a UKI around a zboot image', UKI, ['uki']],
  ['a UKI by zstd', compress(UKI, 'zstd'), ['uki']],
  ['a uImage of what gzip compressed', buildUimage(GZIPPED, 'gzip'), ['uImage']],
  ['a vmlinux', buildVmlinux(IMAGE), ['vmlinux']],
];

describe('a type of kernel, as kexec-tools names it', () => {
  it.each(FILES)('is that of %s or refused', async (_, file, types) => {
    for (const kernelType of Object.keys(KERNEL_TYPES) as KernelType[]) {
      const opened = open(file, { kernelType });
      if (types.includes(kernelType)) expect([IMAGE, BZIMAGE]).toContainEqual((await opened).kernel);
      else await expect(opened).rejects.toMatchObject({ check: 'kernel-file', errno: 'ENOEXEC' });
    }
  });

  it('is a known one', () => {
    expect(['Image', 'uki'].every(isKernelType)).toBe(true);
    expect(['image', 'bzimage', '', 'toString'].some(isKernelType)).toBe(false);
  });
});

describe('the command line of a kernel file', () => {
  const withOne = buildUki(corpus.stub(), { '.cmdline': 'its own', '.linux': IMAGE });

  it.each([
    [withOne, { commandLine: 'given', fallbackCommandLine: 'running' }, 'given'],
    [withOne, { fallbackCommandLine: 'running' }, 'its own'],
    [IMAGE, { fallbackCommandLine: 'running' }, 'running'],
    [IMAGE, {}, undefined],
  ])('is what is given, or in the file, or else another (%#)', async (file, given, commandLine) => {
    expect((await open(file, given)).options.commandLine).toBe(commandLine);
  });
});
