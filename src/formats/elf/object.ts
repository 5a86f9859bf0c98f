/**
 * Relocatable ELF objects for AArch64 and x86_64, as a compiler or an assembler writes them.
 *
 * "ELF-64 object file format"; System V gABI, chapters "Object Files" and "Relocation"; "ELF for the Arm 64-bit
 * architecture".
 */

import { refuse } from '../../base/error.js';
import { type ElfSection, readNameTable, readRecords, readSections } from './sections.js';

const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_REL = 9;

const SYMBOL_SIZE = 24;
const RELOCATION_SIZE = 24;

const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;
const SHN_COMMON = 0xfff2;

/** The binding, from `st_info`, of a symbol that other objects can name. */
export const STB_GLOBAL = 1;

export interface ElfSymbol {
  readonly name: string;
  readonly binding: number;
  /** An offset in the section, or an address if the symbol is absolute. */
  readonly value: bigint;
  readonly size: bigint;
  /** The index of the section that defines it, or why there is none. */
  readonly section: number | 'undefined' | 'absolute' | 'common';
}

export interface ElfRelocation {
  /** The index of the section that it modifies. */
  readonly section: number;
  /** In bytes from the start of that section. */
  readonly offset: bigint;
  /** R_AARCH64_… or R_X86_64_…, as a number. */
  readonly type: number;
  /** `undefined` stands for the value 0. */
  readonly symbol: ElfSymbol | undefined;
  readonly addend: bigint;
}

export interface NamedSection extends ElfSection {
  readonly name: string;
}

export interface ElfObject {
  /** By section index; the first is the null section. */
  readonly sections: readonly NamedSection[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly ElfRelocation[];
}

/**
 * Reads a relocatable 64-bit little-endian ELF object of at most 1 MiB: its sections, symbols and relocations. Section
 * contents share memory with `bytes`.
 *
 * @param machine - the `e_machine` that it must have. Default: AArch64
 * @throws KexecError `ENOEXEC`, as the kernel answers for an invalid purgatory: `elf-header` for any other file,
 *   `elf-section`, `elf-symbol` or `elf-relocation` if these leave the file or contradict themselves.
 */
export function parseElf(bytes: Uint8Array, machine?: number): ElfObject {
  const { sections, names } = readSections(bytes, undefined, machine);
  const table = readNameTable(sections, names, 'elf-section');
  const named = sections.map((section, index) => ({
    ...section,
    name: table.at(section.nameOffset, `section ${index}`),
  }));

  const symbolTables = sections.filter((section) => section.type === SHT_SYMTAB);
  if (symbolTables.length > 1)
    refuse(
      'elf-symbol',
      'ENOEXEC',
      `ELF object: ${symbolTables.length} symbol tables, of which one is allowed`,
    );
  const [symbolTable] = symbolTables;
  const symbols = symbolTable === undefined ? [] : readSymbols(symbolTable, sections);

  const relocations = sections.flatMap((section, index) => {
    if (section.type === SHT_REL) {
      refuse(
        'elf-relocation',
        'ENOEXEC',
        `ELF object: section ${index} has relocations without addends (SHT_REL)`,
        { offset: section.offset },
      );
    }
    if (section.type !== SHT_RELA) return [];
    if (symbolTable === undefined || sections[section.link] !== symbolTable) {
      refuse(
        'elf-relocation',
        'ENOEXEC',
        `ELF object: section ${index} refers to symbols in section ${section.link}, which is no symbol table`,
      );
    }
    if (section.info === SHN_UNDEF || section.info >= sections.length) {
      refuse(
        'elf-relocation',
        'ENOEXEC',
        `ELF object: section ${index} relocates section ${section.info} of ${sections.length}`,
      );
    }
    return readRelocations(section, symbols);
  });
  return { sections: named, symbols, relocations };
}

function readSymbols(table: ElfSection, sections: readonly ElfSection[]): ElfSymbol[] {
  const names = readNameTable(sections, table.link, 'elf-symbol');
  return readRecords(table, SYMBOL_SIZE, 'elf-symbol').map((record, index) => {
    const name = names.at(record.getUint32(0, true), `symbol ${index}`);
    return {
      name,
      binding: record.getUint8(4) >> 4,
      value: record.getBigUint64(8, true),
      size: record.getBigUint64(16, true),
      section: findSymbolSection(record.getUint16(6, true), sections.length, name),
    };
  });
}

function findSymbolSection(index: number, count: number, name: string): ElfSymbol['section'] {
  if (index === SHN_UNDEF) return 'undefined';
  if (index === SHN_ABS) return 'absolute';
  if (index === SHN_COMMON) return 'common';
  if (index >= count)
    refuse('elf-symbol', 'ENOEXEC', `ELF object: symbol "${name}" is in section ${index} of ${count}`);
  return index;
}

function readRelocations(table: ElfSection, symbols: readonly ElfSymbol[]): ElfRelocation[] {
  return readRecords(table, RELOCATION_SIZE, 'elf-relocation').map((record) => {
    const symbol = record.getUint32(12, true);
    if (symbol !== 0 && symbol >= symbols.length) {
      refuse(
        'elf-relocation',
        'ENOEXEC',
        `ELF object: a relocation refers to symbol ${symbol} of ${symbols.length}`,
        { offset: table.offset },
      );
    }
    return {
      section: table.info,
      offset: record.getBigUint64(0, true),
      type: record.getUint32(8, true),
      symbol: symbol === 0 ? undefined : symbols[symbol],
      addend: record.getBigInt64(16, true),
    };
  });
}
