import { buildExecutable } from '../../src/formats/elf/executable.js';

/** A vmlinux as far as it is loaded: one PT_LOAD, which is an Image with more memory than bytes. */
export function vmlinuxOf(image: Uint8Array): Uint8Array {
  const segments = [{ physicalAddress: 0x80_0000n, bytes: image, memorySize: BigInt(image.length) + 4096n }];
  return new Uint8Array(Buffer.concat(buildExecutable({ entry: 0x80_0000n, segments })));
}
