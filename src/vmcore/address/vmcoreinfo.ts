import { decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import type { ElfNote } from '../../formats/elf/notes.js';
import {
  parseVmcoreinfo,
  type Vmcoreinfo,
  vmcoreinfoAddress,
  vmcoreinfoNumber,
} from '../../machine/vmcoreinfo-lines.js';

/** Sizes and offsets of a kernel's structs are below it, in bytes. */
const STRUCT_LIMIT = 1 << 16;

/** What VMCOREINFO tells of the kernel that crashed, by kind and name. */
export class VmcoreinfoFacts {
  readonly lines: Vmcoreinfo;

  constructor(lines: Vmcoreinfo) {
    this.lines = lines;
  }

  /** Out of a dump's notes; without one, nothing is known. */
  static ofNotes(notes: readonly ElfNote[]): VmcoreinfoFacts {
    const note = notes.find(({ name }) => name === 'VMCOREINFO');
    return new VmcoreinfoFacts(note === undefined ? {} : parseVmcoreinfo(decodeLatin1(note.descriptor)));
  }

  /** `SYMBOL(name)`: an address of the kernel. */
  symbol(name: string): bigint | undefined {
    return vmcoreinfoAddress(this.lines, `SYMBOL(${name})`);
  }

  number(name: string): bigint | undefined {
    return vmcoreinfoNumber(this.lines, name);
  }

  /** KERNELOFFSET: how far KASLR moved the kernel from where it was linked. */
  get kernelOffset(): bigint | undefined {
    return vmcoreinfoAddress(this.lines, 'KERNELOFFSET');
  }

  /** `SIZE(struct)` or `OFFSET(struct.field)`, in bytes; `LENGTH(array)`, in elements. */
  small(line: string): number | undefined {
    const value = this.lines[line];
    return value !== undefined && /^\d{1,5}$/.test(value) && Number(value) < STRUCT_LIMIT
      ? Number(value)
      : undefined;
  }

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if it is not told. */
  needSymbol(name: string): bigint {
    return (
      this.symbol(name) ?? refuse('vmcoreinfo', 'ENODATA', `VMCOREINFO has no SYMBOL(${name}) that can be`)
    );
  }

  /** @throws KexecError `ENODATA`, check `vmcoreinfo`, if it is not told or beyond any struct. */
  needSmall(line: string): number {
    return this.small(line) ?? refuse('vmcoreinfo', 'ENODATA', `VMCOREINFO has no ${line} that can be`);
  }
}
