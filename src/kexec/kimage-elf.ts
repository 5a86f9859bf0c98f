import { buildExecutable } from '../formats/elf/executable.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import { findArchitecture } from './architectures.js';
import type { Kimage } from './kimage.js';

/**
 * Builds one ELF64 executable from a kimage: a PT_LOAD for each segment at its physical address, and the kimage's
 * entry. Firmware, debuggers and QEMU's `-device loader` can place it.
 *
 * No loader enters x86_64 in 64-bit mode: the file for such a machine is one for QEMU's `-kernel`, whose entry (a PVH note)
 * moves the segments to their places, and enters the kimage.
 *
 * @param machine - the machine that the kimage was planned for; an arm64 machine if left out
 * @returns the file in pieces, which share memory with the segments
 * @throws KexecError `EADDRNOTAVAIL`, check `segment-hole`, if RAM of an x86_64 machine has no room for the segments twice.
 */
export function buildKimageElf(kimage: Kimage, machine?: MachineFacts): Uint8Array[] {
  const built = machine && findArchitecture(machine).buildBootFile?.(kimage, machine);
  if (built !== undefined) return built;
  const { entry, segments } = kimage;
  return buildExecutable({
    entry,
    segments: segments.map(({ mem, memsz, bytes }) => ({ physicalAddress: mem, memorySize: memsz, bytes })),
  });
}
