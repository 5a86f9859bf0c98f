import { decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import type { ElfNote } from '../../formats/elf/notes.js';
import {
  parseVmcoreinfo,
  readVmcoreinfoAddress,
  readVmcoreinfoNumber,
  type Vmcoreinfo,
} from '../../machine/vmcoreinfo-lines.js';

/** Sizes and offsets of a kernel's structs are below this, in bytes. */
const STRUCT_LIMIT = 1 << 16;

/** The name of the note, and the most bytes of its text: a page (VMCOREINFO_BYTES), of the largest size. */
export const VMCOREINFO_NAME = 'VMCOREINFO';
export const MAX_VMCOREINFO_BYTES = 1 << 16;

/** Finds the note of VMCOREINFO: the first that says of which release it is. */
export function findVmcoreinfoNote(notes: readonly ElfNote[]): ElfNote | undefined {
  const named = notes.filter(({ name }) => name === VMCOREINFO_NAME);
  return named.find(({ descriptor }) => readVmcoreinfoText(descriptor).OSRELEASE !== undefined) ?? named[0];
}

/** Parses the text of VMCOREINFO. */
export function readVmcoreinfoText(text: Uint8Array): Vmcoreinfo {
  return parseVmcoreinfo(decodeLatin1(text.subarray(0, MAX_VMCOREINFO_BYTES)));
}

/** The facts of VMCOREINFO about the crashed kernel, by kind and name. */
export class VmcoreinfoFacts {
  readonly lines: Vmcoreinfo;
  readonly #cure: string | undefined;

  /** @param cure - what to do if there are no lines; if left out, the check's own */
  constructor(lines: Vmcoreinfo, cure?: string) {
    this.lines = lines;
    this.#cure = cure;
  }

  /** `SYMBOL(name)`: an address of the kernel. */
  symbol(name: string): bigint | undefined {
    return readVmcoreinfoAddress(this.lines, `SYMBOL(${name})`);
  }

  /** `NUMBER(name)`. */
  number(name: string): bigint | undefined {
    return readVmcoreinfoNumber(this.lines, name);
  }

  /** KERNELOFFSET: the distance by which KASLR moved the kernel from its linked address. */
  get kernelOffset(): bigint | undefined {
    return readVmcoreinfoAddress(this.lines, 'KERNELOFFSET');
  }

  /** `SIZE(struct)` or `OFFSET(struct.field)`, in bytes; `LENGTH(array)`, in elements. */
  small(line: string): number | undefined {
    const value = this.lines[line];
    return value !== undefined && /^\d{1,5}$/.test(value) && Number(value) < STRUCT_LIMIT
      ? Number(value)
      : undefined;
  }

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if it is missing. */
  needSymbol(name: string): bigint {
    return this.symbol(name) ?? this.refuseMissing(`valid SYMBOL(${name})`);
  }

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if it is missing, or larger than any struct. */
  needSmall(line: string): number {
    return this.small(line) ?? this.refuseMissing(`valid ${line}`);
  }

  /**
   * Refuses VMCOREINFO that lacks a line, or a dump that lacks VMCOREINFO.
   *
   * @param what - the line: "KERNELOFFSET"
   * @throws KexecError `ENODATA`, check `vmcoreinfo`, always.
   */
  refuseMissing(what: string): never {
    if (Object.keys(this.lines).length === 0)
      refuse('vmcoreinfo', 'ENODATA', 'there is no VMCOREINFO', { cure: this.#cure });
    refuse('vmcoreinfo', 'ENODATA', `VMCOREINFO has no ${what}`);
  }
}
