import { formatRange, type Range } from '../base/range.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';

/** A fault of a header: an error makes kdump or its readers fail, a warning may, a note is for information. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  readonly what: string;
}

/** PT_LOADs by their purpose. */
export interface Loads {
  /** The kernel's image at its own virtual addresses; another PT_LOAD contains the same RAM. */
  readonly text: ProgramHeader | undefined;
  /** Sorted by physical address. */
  readonly ram: readonly ProgramHeader[];
}

/** Lists all PT_LOADs, the kernel's image first. */
export function listLoads({ text, ram }: Loads): ProgramHeader[] {
  return [...(text === undefined ? [] : [text]), ...ram];
}

/** The end of a PT_LOAD's memory; it may exceed 64 bits. */
export function physicalEnd({ physicalAddress, memorySize }: ProgramHeader): bigint {
  return physicalAddress + memorySize;
}

export function physicalRange(load: ProgramHeader): Range {
  return { start: load.physicalAddress, end: physicalEnd(load) };
}

export function formatPhysicalRange(load: ProgramHeader): string {
  return formatRange(physicalRange(load));
}

export function asError(what: string): Finding {
  return { severity: 'error', what };
}

export function asWarning(what: string): Finding {
  return { severity: 'warning', what };
}

export function asNote(what: string): Finding {
  return { severity: 'note', what };
}
