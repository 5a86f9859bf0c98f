import { refuse } from '../../base/error.js';
import { formatBytes, formatSize } from '../../base/sizes.js';
import { alignUp, MIB, maximum } from '../../base/u64.js';
import { type ElfSection, SHF_ALLOC } from './sections.js';

/** Purgatory has a few kilobytes; alignment and .bss must not turn them into gigabytes. */
const MAX_BYTES = MIB;

/** The places of an object's sections, relative to a base that is not known yet. */
export interface Layout {
  /** Offsets in bytes from the base, by section index. Only sections that take memory have one. */
  readonly offsets: ReadonlyMap<number, bigint>;
  /** The size of the sections with contents, in bytes, up to where those without can begin. */
  readonly fileSize: bigint;
  /** The size of all sections, in bytes. */
  readonly size: bigint;
  /** The alignment of the base in bytes: a power of two. */
  readonly alignment: bigint;
}

/**
 * Lays out the sections that take memory: one after another in the object's order, those without contents last, as
 * the kernel's `kexec_purgatory_setup_kbuf()` and `kexec_purgatory_setup_sechdrs()` have it.
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
    if (size > MAX_BYTES || alignment > MAX_BYTES) {
      refuse(
        'elf-section',
        'ENOEXEC',
        `purgatory takes ${formatBytes(size)}, aligned to ${formatSize(alignment)}: more than ${formatSize(MAX_BYTES)}`,
      );
    }
  };
  place((section) => section.contents !== undefined);
  for (const section of sections) {
    const takesZeros = (section.flags & SHF_ALLOC) !== 0n && section.contents === undefined;
    if (takesZeros) size = alignUp(size, section.alignment);
  }
  const fileSize = size;
  place((section) => section.contents === undefined);
  return { offsets, fileSize, size, alignment };
}
