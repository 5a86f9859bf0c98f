import { buildExecutable } from '../formats/elf/executable.js';
import type { Kimage } from './kimage.js';

/**
 * A kimage as one ELF64 executable: a PT_LOAD for each segment at its physical address, entered where the kimage is.
 * Firmware, debuggers and QEMU's `-device loader` can place it.
 *
 * @returns the file in pieces that share memory with the segments.
 */
export function buildKimageElf({ entry, segments }: Kimage): Uint8Array[] {
  return buildExecutable({
    entry,
    segments: segments.map(({ mem, memsz, bytes }) => ({ physicalAddress: mem, memorySize: memsz, bytes })),
  });
}
