import { hex } from '../base/u64.js';
import { parsePe } from '../formats/pe/parse.js';
import type { Facts } from './facts.js';

/** Inspects a PE file: headers, sections, and certificate table entries. No signature is verified. */
export function inspectPe(bytes: Uint8Array): Facts {
  const pe = parsePe(bytes);
  return {
    format: pe.format,
    machine: hex(pe.machine),
    entryPoint: hex(pe.addressOfEntryPoint),
    imageBase: hex(pe.imageBase),
    sizeOfImage: hex(pe.sizeOfImage),
    sizeOfHeaders: hex(pe.sizeOfHeaders),
    checkSum: hex(pe.checkSum),
    subsystem: pe.subsystem,
    sections: pe.sections.map(({ name, virtualAddress, virtualSize, raw }) => ({
      name,
      virtualAddress: hex(virtualAddress),
      virtualSize: hex(virtualSize),
      offset: hex(raw.start),
      size: hex(raw.end - raw.start),
    })),
    certificates: pe.certificates.map(({ range, length, revision, type }) => ({
      offset: hex(range.start),
      length: hex(length),
      revision: hex(revision),
      type: hex(type),
    })),
  };
}
