import { createByteSource } from '../base/byte-source.js';
import { hex } from '../base/u64.js';
import { readCoreHeaders } from '../formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../formats/elf/format.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';
import type { Facts } from './facts.js';

/** Inspects an ELF core header, alone or at the start of a vmcore: the places of its notes and of the dumped memory. */
export function inspectCore(bytes: Uint8Array): Facts {
  const remarks: string[] = [];
  const headers = readCoreHeaders(createByteSource(bytes), (remark) => remarks.push(remark));
  const list = (wanted: number): Facts[] => headers.filter(({ type }) => type === wanted).map(describeHeader);
  return { notes: list(PT_NOTE), loads: list(PT_LOAD), ...(remarks.length === 0 ? {} : { remarks }) };
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
