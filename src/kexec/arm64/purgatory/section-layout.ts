import { refuse } from '../../../base/error.js';
import { alignUp, hex, MIB, maximum } from '../../../base/u64.js';
import { type ElfSection, SHF_ALLOC } from '../../../formats/elf/sections.js';

/** What purgatory may take once loaded. It is a few kilobytes; alignment and .bss must not make gigabytes of it. */
const SIZE_LIMIT = MIB;

/** Where the sections of an object go, from a base that is still to be found. */
export interface Layout {
  /** By section index: where the section lies, in bytes from the base. Only sections that take memory. */
  readonly offsets: ReadonlyMap<number, bigint>;
  /** Of the sections with contents, in bytes. */
  readonly fileSize: bigint;
  /** Of all sections, in bytes. */
  readonly size: bigint;
  /** Of the base, in bytes: a power of two. */
  readonly alignment: bigint;
}

/**
 * Lays out the sections that take memory: one after another in the object's order, those without contents last, as
 * the kernel's `kexec_purgatory_setup_sechdrs()` has it.
 *
 * @throws KexecError `ENOEXEC`, `elf-section`, if they take more than 1 MiB.
 */
export function layOut(sections: readonly ElfSection[]): Layout {
  const offsets = new Map<number, bigint>();
  let alignment = 1n;
  let size = 0n;
  const place = (wanted: (section: ElfSection) => boolean): void => {
    sections.forEach((section, index) => {
      if ((section.flags & SHF_ALLOC) === 0n || !wanted(section)) return;
      const offset = alignUp(size, section.alignment);
      offsets.set(index, offset);
      alignment = maximum(alignment, section.alignment);
      size = offset + section.size;
    });
    if (size > SIZE_LIMIT || alignment > SIZE_LIMIT) {
      refuse(
        'elf-section',
        'ENOEXEC',
        `purgatory takes ${hex(size)} bytes, aligned to ${hex(alignment)}: more than ${hex(SIZE_LIMIT)}`,
      );
    }
  };
  place((section) => section.contents !== undefined);
  const fileSize = size;
  place((section) => section.contents === undefined);
  return { offsets, fileSize, size, alignment };
}
