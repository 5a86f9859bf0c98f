import { hex } from '../base/u64.js';
import { parseX86Vmlinux } from '../formats/elf/x86-vmlinux.js';
import type { Facts } from './facts.js';

/** Inspects a vmlinux for x86_64, which no kernel loads: the bzImage of its build does. */
export function inspectX86Vmlinux(bytes: Uint8Array): Facts {
  const { entry, loads } = parseX86Vmlinux(bytes);
  return {
    fileSize: hex(bytes.length),
    entry: hex(entry),
    loads: loads.map(({ physicalAddress, virtualAddress, fileSize, memorySize }) => ({
      physicalAddress: hex(physicalAddress),
      virtualAddress: hex(virtualAddress),
      fileSize: hex(fileSize),
      memorySize: hex(memorySize),
    })),
  };
}
