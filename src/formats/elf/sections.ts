import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { EM_AARCH64, ET_REL, SECTION_HEADER_SIZE } from './format.js';
import { checkElfHeader, expectField } from './header.js';

const SHT_NULL = 0;
const SHT_STRTAB = 3;
const SHT_NOBITS = 8;

/** `sh_flags`: the section takes memory. */
export const SHF_ALLOC = 2n;
/** `sh_flags`: the section holds instructions. */
export const SHF_EXECINSTR = 4n;

/** The default limit of an object. A purgatory with all its debug information is far smaller. */
const MAX_OBJECT_BYTES = 1024 * 1024;
/** Names may overlap: without a limit, the search for the end of each would take time quadratic in the size. */
const MAX_NAME_BYTES = 255;

/** A section, its fields named as in `Elf64_Shdr`. */
export interface ElfSection {
  /** `sh_name`: the offset of its name in the string table of section names. */
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: bigint;
  readonly offset: bigint;
  /** In bytes. */
  readonly size: bigint;
  readonly link: number;
  readonly info: number;
  /** In bytes, a power of two. */
  readonly alignment: bigint;
  readonly entrySize: bigint;
  /** Its bytes in the file, shared; undefined for memory that is zero at the start (SHT_NOBITS). */
  readonly contents: Uint8Array | undefined;
}

export interface SectionTable {
  /** By section index; the first is the null section. */
  readonly sections: readonly ElfSection[];
  /** `e_shstrndx`: the index of the section with the names of the sections. */
  readonly names: number;
}

/**
 * Reads the ELF header and the section headers of a relocatable 64-bit little-endian object.
 *
 * @param limit - the most bytes that the object may have
 * @param machine - the `e_machine` that it must have. Default: AArch64
 * @throws KexecError `ENOEXEC`, `elf-header` or `elf-section`.
 */
export function readSections(
  bytes: Uint8Array,
  limit = MAX_OBJECT_BYTES,
  machine: number = EM_AARCH64,
): SectionTable {
  const header = boundBytes(bytes, 'elf-header');
  if (header.length > limit)
    header.fail(`it has ${formatBytes(header.length)}; the limit is ${formatBytes(limit)}`);
  checkElfHeader(header, ET_REL, machine);
  expectField(header, 'e_shentsize', header.u16le(58), SECTION_HEADER_SIZE, 58);

  const start = header.u64le(40);
  const count = header.u16le(60);
  const file = boundBytes(bytes, 'elf-section');
  file.slice(start, count * SECTION_HEADER_SIZE, 'the section header table');
  const sections = Array.from({ length: count }, (_, index) =>
    readSection(file, Number(start) + index * SECTION_HEADER_SIZE),
  );
  checkNoOverlap(sections);
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
    alignment: file.u64le(at + 48) || 1n, // 0 and 1 both mean any address
    entrySize: file.u64le(at + 56),
    contents: undefined,
  };
  if ((section.alignment & (section.alignment - 1n)) !== 0n) {
    file.fail(`a section has an alignment of ${hex(section.alignment)}, which is no power of two`, at + 48);
  }
  if (section.type === SHT_NULL || section.type === SHT_NOBITS) return section;
  return { ...section, contents: file.slice(section.offset, section.size, "a section's contents") };
}

/** gABI: no byte of a file is in more than one section. This bounds the contents of all sections by the file size. */
function checkNoOverlap(sections: readonly ElfSection[]): void {
  const ordered = sections
    .filter((section) => section.contents !== undefined && section.size > 0n)
    .sort((a, b) => Number(a.offset - b.offset));
  let end = 0n;
  for (const { offset, size } of ordered) {
    if (offset < end)
      refuse('elf-section', 'ENOEXEC', 'ELF object: the contents of two sections overlap', { offset });
    end = offset + size;
  }
}

/** The check of a table of an object file. */
type TableCheck = 'elf-section' | 'elf-symbol' | 'elf-relocation';

/** A string table: names by their offsets. */
export interface NameTable {
  /** Returns the name at `offset`. `what` it names is for the error. */
  at(offset: number, what: string): string;
}

/** Reads the section of names with an index. It is decoded once, so that overlapping names cost nothing. */
export function readNameTable(sections: readonly ElfSection[], index: number, check: TableCheck): NameTable {
  const section = sections[index];
  if (section?.type !== SHT_STRTAB || section.contents === undefined) {
    refuse(check, 'ENOEXEC', `ELF object: section ${index} should contain names and is no string table`);
  }
  const { contents } = section;
  const text = decodeLatin1(contents);
  return {
    at: (offset, what) => {
      const length = contents.subarray(offset, offset + MAX_NAME_BYTES + 1).indexOf(0);
      if (length < 0) {
        const where = `at ${hex(offset)} of its string table`;
        refuse(
          check,
          'ENOEXEC',
          `ELF object: the name of ${what}, ${where}, has no end within ${MAX_NAME_BYTES} bytes`,
        );
      }
      return text.slice(offset, offset + length);
    },
  };
}

/** Returns a view of each entry of a section of records of `size` bytes. */
export function readRecords(section: ElfSection, size: number, check: TableCheck): DataView[] {
  const { contents = new Uint8Array(0), entrySize, offset } = section;
  if (entrySize !== BigInt(size) || contents.length % size !== 0) {
    const seen = `a section of ${formatBytes(contents.length)} in entries of ${formatBytes(entrySize)}, not of ${formatBytes(size)}`;
    refuse(check, 'ENOEXEC', `ELF object: ${seen}`, { offset });
  }
  return Array.from(
    { length: contents.length / size },
    (_, index) => new DataView(contents.buffer, contents.byteOffset + index * size, size),
  );
}

function boundBytes(bytes: Uint8Array, check: 'elf-header' | 'elf-section'): BoundedBytes {
  return new BoundedBytes(bytes, { what: 'ELF object', check, errno: 'ENOEXEC' });
}
