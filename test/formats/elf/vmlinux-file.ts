/** ELF kernels for tests, built from an Image. */
import { buildExecutable, type ExecutableSegment } from '../../../src/formats/elf/executable.js';
import { buildImage } from '../../support/image.js';

export const image = buildImage({ length: 10_000 });

export const BASE = 0xffff_8000_8000_0000n;

export function buildVmlinux(segments: readonly ExecutableSegment[], entry = BASE): Uint8Array {
  return new Uint8Array(Buffer.concat(buildExecutable({ entry, segments })));
}

export const buildSegment = (start: number, end: number, memorySize = end - start): ExecutableSegment => ({
  physicalAddress: BASE + BigInt(start),
  bytes: image.subarray(start, end),
  memorySize: BigInt(memorySize),
});
