import { buildExecutable } from '../formats/elf/executable.js';
import type { Kimage } from './kimage.js';

/**
 * Builds one ELF64 executable from a kimage: a PT_LOAD for each segment at its physical address, and the kimage's
 * entry. Firmware, debuggers and QEMU's `-device loader` can place it.
 *
 * @returns the file in pieces, which share memory with the segments
 */
export function buildKimageElf({ entry, segments }: Kimage): Uint8Array[] {
  return buildExecutable({
    entry,
    segments: segments.map(({ mem, memsz, bytes }) => ({ physicalAddress: mem, memorySize: memsz, bytes })),
  });
}
