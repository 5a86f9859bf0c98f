import type { ByteSource } from '../base/byte-source.js';
import { hex } from '../base/u64.js';
import { readCoreHeaders } from '../formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../formats/elf/format.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';
import type { Facts } from './facts.js';

/** Inspects an ELF core header, alone or at the start of a vmcore: the places of its notes and of the dumped memory. */
export function inspectCore(source: ByteSource): Facts {
  const remarks: string[] = [];
  const headers = readCoreHeaders(source, (remark) => remarks.push(remark));
  const list = (wanted: number): Facts[] => headers.filter(({ type }) => type === wanted).map(describeHeader);
  return {
    ...(isHeaderAlone(headers, source)
      ? { description: 'the header of a dump (elfcorehdr): the memory that it describes is not in the file' }
      : {}),
    notes: list(PT_NOTE),
    loads: list(PT_LOAD),
    ...(remarks.length === 0 ? {} : { remarks }),
  };
}

/** The offsets of an elfcorehdr are physical addresses, for /proc/vmcore to read there. */
function isHeaderAlone(headers: readonly ProgramHeader[], source: ByteSource): boolean {
  return headers.every(({ type, offset, physicalAddress }) =>
    type === PT_LOAD ? offset === physicalAddress && offset >= source.size : true,
  );
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
