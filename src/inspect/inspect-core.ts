import { hex } from '../base/u64.js';
import { parseElfcorehdr } from '../crash/elfcorehdr.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';
import type { Facts } from './facts.js';

/** Inspects an ELF core header, alone or at the start of a vmcore: the places of its notes and of the dumped memory. */
export function inspectCore(bytes: Uint8Array): Facts {
  const { notes, loads } = parseElfcorehdr(bytes);
  return { notes: notes.map(describeHeader), loads: loads.map(describeHeader) };
}

function describeHeader({
  offset,
  physicalAddress,
  virtualAddress,
  memorySize,
  fileSize,
}: ProgramHeader): Facts {
  return {
    physical: hex(physicalAddress),
    virtual: hex(virtualAddress),
    size: hex(memorySize),
    offset: hex(offset),
    ...(fileSize === memorySize ? {} : { fileSize: hex(fileSize) }),
  };
}
