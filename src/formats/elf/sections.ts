import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { ET_REL } from './format.js';
import { checkElfHeader, expectField } from './header.js';

const SECTION_HEADER_SIZE = 64;

const SHT_NULL = 0;
const SHT_STRTAB = 3;
const SHT_NOBITS = 8;

/** `sh_flags`: the section takes memory. */
export const SHF_ALLOC = 2n;
/** `sh_flags`: the section holds instructions. */
export const SHF_EXECINSTR = 4n;

/** A purgatory with all its debug information stays far below this, in bytes. */
const PURGATORY_LIMIT = 1024 * 1024;
/** Names may share their bytes: without a limit, looking for the end of each would take the square of the size. */
const NAME_LIMIT = 255;

/** A section, its fields named as in `Elf64_Shdr`. */
export interface ElfSection {
  /** `sh_name`: where its name begins in the string table of section names. */
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: bigint;
  readonly offset: bigint;
  /** In bytes of memory. */
  readonly size: bigint;
  readonly link: number;
  readonly info: number;
  /** In bytes, a power of two. */
  readonly alignment: bigint;
  readonly entrySize: bigint;
  /** What the file has of it; nothing for memory that starts as zeros (SHT_NOBITS). Shared with the file. */
  readonly contents: Uint8Array | undefined;
}

export interface SectionTable {
  /** By section index; the first is the null section. */
  readonly sections: readonly ElfSection[];
  /** `e_shstrndx`: the section with the sections' names. */
  readonly names: number;
}

/**
 * Reads the ELF header and the section headers of a relocatable 64-bit little-endian AArch64 object.
 *
 * @param limit - of its size, in bytes
 * @throws KexecError `ENOEXEC`, `elf-header` or `elf-section`.
 */
export function readSections(bytes: Uint8Array, limit = PURGATORY_LIMIT): SectionTable {
  const header = boundedBy(bytes, 'elf-header');
  if (header.length > limit) header.fail(`${hex(header.length)} bytes`);
  checkElfHeader(header, ET_REL);
  expectField(header, 'e_shentsize', header.u16le(58), SECTION_HEADER_SIZE, 58);

  const start = header.u64le(40);
  const count = header.u16le(60);
  const file = boundedBy(bytes, 'elf-section');
  file.slice(start, count * SECTION_HEADER_SIZE, 'the section header table');
  const sections = Array.from({ length: count }, (_, index) =>
    readSection(file, Number(start) + index * SECTION_HEADER_SIZE),
  );
  checkApart(sections);
  return { sections, names: header.u16le(62) };
}

function readSection(file: BoundedBytes, at: number): ElfSection {
  const section = {
    nameOffset: file.u32le(at),
    type: file.u32le(at + 4),
    flags: file.u64le(at + 8),
    offset: file.u64le(at + 24),
    size: file.u64le(at + 32),
    link: file.u32le(at + 40),
    info: file.u32le(at + 44),
    alignment: file.u64le(at + 48) || 1n, // 0 and 1 both mean that any address will do
    entrySize: file.u64le(at + 56),
    contents: undefined,
  };
  if ((section.alignment & (section.alignment - 1n)) !== 0n) {
    file.fail(`a section is aligned to ${hex(section.alignment)}, which is no power of two`, at + 48);
  }
  if (section.type === SHT_NULL || section.type === SHT_NOBITS) return section;
  return { ...section, contents: file.slice(section.offset, section.size, "a section's contents") };
}

/** gABI: no byte of a file is in more than one section. So what all sections hold is bounded by the file. */
function checkApart(sections: readonly ElfSection[]): void {
  const ordered = sections
    .filter((section) => section.contents !== undefined && section.size > 0n)
    .sort((a, b) => Number(a.offset - b.offset));
  let end = 0n;
  for (const { offset, size } of ordered) {
    if (offset < end)
      refuse('elf-section', 'ENOEXEC', `ELF object: a section's contents overlap another's`, { offset });
    end = offset + size;
  }
}

/** What a table of an object file is checked by. */
type TableCheck = 'elf-section' | 'elf-symbol' | 'elf-relocation';

/** A string table: names by where they begin. */
export interface NameTable {
  /** The name at `offset`; `what` it names is told in the error. */
  at(offset: number, what: string): string;
}

/** Reads a section that is to hold names. Decoded once, so that names which share their bytes cost nothing. */
export function readNameTable(sections: readonly ElfSection[], index: number, check: TableCheck): NameTable {
  const section = sections[index];
  if (section?.type !== SHT_STRTAB || section.contents === undefined) {
    refuse(check, 'ENOEXEC', `ELF object: section ${index} is to hold names and is no string table`);
  }
  const { contents } = section;
  const text = decodeLatin1(contents);
  return {
    at: (offset, what) => {
      const length = contents.subarray(offset, offset + NAME_LIMIT + 1).indexOf(0);
      if (length < 0) {
        const where = `at ${hex(offset)} of its string table`;
        refuse(
          check,
          'ENOEXEC',
          `ELF object: the name of ${what}, ${where}, has no end within ${NAME_LIMIT} bytes`,
        );
      }
      return text.slice(offset, offset + length);
    },
  };
}

/** The entries of a section that holds records of `size` bytes, each as a view. */
export function readRecords(section: ElfSection, size: number, check: TableCheck): DataView[] {
  const { contents = new Uint8Array(0), entrySize, offset } = section;
  if (entrySize !== BigInt(size) || contents.length % size !== 0) {
    const seen = `a section of ${hex(contents.length)} bytes in entries of ${hex(entrySize)}, not of ${hex(size)}`;
    refuse(check, 'ENOEXEC', `ELF object: ${seen}`, { offset });
  }
  return Array.from(
    { length: contents.length / size },
    (_, index) => new DataView(contents.buffer, contents.byteOffset + index * size, size),
  );
}

function boundedBy(bytes: Uint8Array, check: 'elf-header' | 'elf-section'): BoundedBytes {
  return new BoundedBytes(bytes, { what: 'ELF object', check, errno: 'ENOEXEC' });
}
