import { readFileSync } from 'node:fs';
import { parseImageHeader } from '../../../src/formats/arm64-image.js';
import { corpus } from '../../support/corpus.js';
import { buildImage, FLAGS_4K, type ImageFields } from '../../support/image.js';
import type { Oracle } from '../../support/oracle/oracle.js';

const KIB = 0x400n;
const MIB = 0x10_0000n;
const GIB = 0x4000_0000n;

/** Flags of an Image for other page sizes. */
const FLAGS_16K = 0xcn;
const FLAGS_64K = 0xen;
const FLAGS_BIG_ENDIAN = 0xbn;

/** Kernels of a header and a few KiB: the header decides about their placement. */
const SYNTHETIC: Readonly<Record<string, ImageFields>> = {
  tiny: { imageSize: 4n * KIB },
  'a page more than 2 MiB': { imageSize: 2n * MIB + 4n * KIB },
  'not in pages': { imageSize: 3n * MIB + 1n },
  '64 MiB': { imageSize: 64n * MIB },
  '100 MiB': { imageSize: 100n * MIB },
  '120 MiB': { imageSize: 120n * MIB },
  '600 MiB': { imageSize: 600n * MIB },
  '1 GiB': { imageSize: GIB },
  '3 GiB': { imageSize: 3n * GIB },
  '64 GiB': { imageSize: 64n * GIB },
  'half of 64 bits': { imageSize: 1n << 63n },
  'text_offset 0x80000': { textOffset: 512n * KIB, imageSize: 12n * MIB },
  'text_offset 0x1000': { textOffset: 4n * KIB, imageSize: 2n * MIB },
  'text_offset 3 MiB': { textOffset: 3n * MIB, imageSize: 5n * MIB },
  'text_offset 64 MiB': { textOffset: 64n * MIB, imageSize: 5n * MIB },
  'text_offset off the pages': { textOffset: 0x1234n, imageSize: 2n * MIB },
  'text_offset 8': { textOffset: 8n, imageSize: 2n * MIB - 8n },
  'no flags': { flags: 0n },
  '16K pages': { flags: FLAGS_16K },
  '64K pages': { flags: FLAGS_64K },
  'big-endian': { flags: FLAGS_BIG_ENDIAN },
  'reserved flags': { flags: 0xffff_ffff_ffff_fff0n | FLAGS_4K },
  'no image_size': { imageSize: 0n },
  'more bytes than memory': { imageSize: 4n * KIB, length: 3 * 4096 },
  'as many bytes as memory': { imageSize: 8n * KIB, length: 2 * 4096 },
  'image_size all ones': { imageSize: (1n << 64n) - 1n },
  'text_offset all ones': { textOffset: (1n << 64n) - 1n },
  'sum over 64 bits': { textOffset: 4n * MIB, imageSize: (1n << 64n) - 2n * MIB },
};

/**
 * Half of the RAM that each oracle has on one machine, device tree included, and a page more. Not used on other machines.
 * A kernel's RAM varies by a page or two from boot to boot.
 */
const HALVES: Readonly<Record<string, ImageFields>> = {
  'half of 384M': { imageSize: 0xb52_6000n },
  'half of 384M and a page': { imageSize: 0xb52_7000n },
  'half of 384M, Linux 7.3': { imageSize: 0xb42_9000n },
  'half of 384M and a page, Linux 7.3': { imageSize: 0xb42_a000n },
};

/** Files without a header that the fields could describe. */
const NO_IMAGES: Readonly<Record<string, () => Uint8Array>> = {
  empty: () => new Uint8Array(0),
  '63 bytes': () => buildImage().subarray(0, 63),
  '64 bytes': () => buildImage().subarray(0, 64),
  'another magic': () => buildImage().fill(0x42, 56, 60),
};

/**
 * Headers of the real kernels, which are not in the repository: Debian's, and on each release that release's oracle.
 * They are recorded with the answers.
 */
export type KernelHeaders = Readonly<Record<'oracle' | 'debian', Required<ImageFields>>>;

export function realKernels(oracle: Oracle): Record<'oracle' | 'debian', Uint8Array> {
  return {
    oracle: new Uint8Array(readFileSync(oracle.image)),
    debian: new Uint8Array(readFileSync(corpus.cloudKernel())),
  };
}

/** The parts of an Image that decide about its placement: its header, and its number of bytes. */
export function headerOf(kernel: Uint8Array): Required<ImageFields> {
  const { textOffset, imageSize } = parseImageHeader(kernel);
  const flags = new DataView(kernel.buffer, kernel.byteOffset).getBigUint64(24, true);
  return { textOffset, imageSize, flags, length: kernel.length };
}

/** A function that returns a kernel by name: those of this file, and Images with the headers of the real kernels. */
export function kernelsWith(headers: KernelHeaders): (name: string) => Uint8Array {
  const real: Readonly<Record<string, Uint8Array>> = {
    oracle: buildImage(headers.oracle),
    debian: buildImage(headers.debian),
  };
  return (name) => real[name] ?? syntheticKernel(name);
}

export function syntheticKernel(name: string): Uint8Array {
  const fields = SYNTHETIC[name] ?? HALVES[name];
  const bytes = fields === undefined ? NO_IMAGES[name]?.() : buildImage(fields);
  if (bytes === undefined) throw new Error(`unknown kernel "${name}"`);
  return bytes;
}

/** The names of the kernels whose headers have unusual values. */
export const ODD_KERNELS = [...Object.keys(SYNTHETIC), ...Object.keys(NO_IMAGES)];

/** The names of the kernels for which the machine's exact number of pages decides. */
export const HALF_KERNELS = Object.keys(HALVES);
