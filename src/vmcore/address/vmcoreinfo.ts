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

/** The facts of VMCOREINFO about the crashed kernel, by kind and name. */
export class VmcoreinfoFacts {
  readonly lines: Vmcoreinfo;

  constructor(lines: Vmcoreinfo) {
    this.lines = lines;
  }

  /** Finds VMCOREINFO among the notes of a dump; without it, there are no facts. */
  static ofNotes(notes: readonly ElfNote[]): VmcoreinfoFacts {
    const note = notes.find(({ name }) => name === 'VMCOREINFO');
    return new VmcoreinfoFacts(note === undefined ? {} : parseVmcoreinfo(decodeLatin1(note.descriptor)));
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
    return this.symbol(name) ?? refuse('vmcoreinfo', 'ENODATA', `VMCOREINFO has no valid SYMBOL(${name})`);
  }

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if it is missing, or larger than any struct. */
  needSmall(line: string): number {
    return this.small(line) ?? refuse('vmcoreinfo', 'ENODATA', `VMCOREINFO has no valid ${line}`);
  }
}
