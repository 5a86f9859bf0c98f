import { formatRange, type Range } from '../base/range.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';

/** What was found wrong with a header: an error makes kdump fail or its readers, a warning may, a note is to be known. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  readonly what: string;
}

/** The PT_LOADs by what they are for. */
export interface Loads {
  /** The kernel's image at its virtual addresses: in RAM that another PT_LOAD has as well. */
  readonly text: ProgramHeader | undefined;
  /** By physical address. */
  readonly ram: readonly ProgramHeader[];
}

/** Where its memory ends; perhaps beyond 64 bits. */
export function physicalEnd({ physicalAddress, memorySize }: ProgramHeader): bigint {
  return physicalAddress + memorySize;
}

export function physicalRange(load: ProgramHeader): Range {
  return { start: load.physicalAddress, end: physicalEnd(load) };
}

export function physicalText(load: ProgramHeader): string {
  return formatRange(physicalRange(load));
}

export function error(what: string): Finding {
  return { severity: 'error', what };
}

export function warning(what: string): Finding {
  return { severity: 'warning', what };
}

export function note(what: string): Finding {
  return { severity: 'note', what };
}
