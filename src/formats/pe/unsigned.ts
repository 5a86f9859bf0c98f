import type { PeFile } from './parse.js';

/** How a PE file ended before it was signed. */
export interface UnsignedEnd {
  /** Bytes of the file. */
  readonly length: number;
  readonly checkSum: 0 | 'computed';
}

const PADDING = 8;
const SYMBOL_SIZE = 18;

/** CheckSum's offset in the optional header, and that of MajorLinkerVersion. */
const CHECK_SUM = 64;
const MAJOR_LINKER_VERSION = 2;
const OPTIONAL_HEADER = 24;

/**
 * What identifies GNU's linker: its version, the offset of the PE header behind a DOS program, the number of
 * directories.
 */
const GNU = { linkerVersion: 2, peHeader: 0x80, directories: 16 } as const;

/**
 * Guesses how a PE file ended before a tool signed it that kept no record of that. Signing tools pad the file to 8
 * bytes and overwrite CheckSum. Neither can be undone with certainty; these rules hold for common files:
 *
 * - Length: sections, and the COFF symbols with their string table, are complete, so they are no padding. Of the rest
 *   of the last 8 bytes, the zeros at the end are padding, unless all 8 bytes are zero.
 * - CheckSum: computed if GNU ld or objcopy wrote the file, which compute it; otherwise 0, as in the headers that
 *   kernels, their compressed EFI images, systemd's stub and GRUB write themselves.
 *
 * @param start - the offset where the certificate table begins, or would begin
 */
export function guessUnsignedEnd(file: Uint8Array, pe: PeFile, start: number): UnsignedEnd {
  return { length: guessLength(file, pe, start), checkSum: isByGnuLinker(file, pe) ? 'computed' : 0 };
}

function guessLength(file: Uint8Array, pe: PeFile, start: number): number {
  if (start % PADDING !== 0) return start;
  const first = Math.max(findEndOfParts(file, pe, start), start - PADDING);
  let length = start;
  while (length > first && (file[length - 1] ?? 0) === 0) length -= 1;
  return length === start - PADDING ? start : length;
}

/** The end of the parts that are known to be complete: headers, sections, symbols. */
function findEndOfParts(file: Uint8Array, pe: PeFile, start: number): number {
  const ends = pe.sections.filter(({ raw }) => raw.start < raw.end).map(({ raw }) => raw.end);
  return Math.max(pe.sizeOfHeaders, findEndOfSymbols(file, pe, start), ...ends);
}

/** The end of the COFF string table, which follows the symbols and begins with its own length; 0 if there is none. */
function findEndOfSymbols(file: Uint8Array, pe: PeFile, start: number): number {
  const strings = pe.pointerToSymbolTable + pe.numberOfSymbols * SYMBOL_SIZE;
  if (pe.pointerToSymbolTable === 0 || strings + 4 > file.length) return 0;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = strings + view.getUint32(strings, true);
  return end <= start ? end : 0;
}

function isByGnuLinker(file: Uint8Array, pe: PeFile): boolean {
  const optional = pe.checkSumOffset - CHECK_SUM;
  return (
    file[optional + MAJOR_LINKER_VERSION] === GNU.linkerVersion &&
    optional - OPTIONAL_HEADER === GNU.peHeader &&
    pe.directories.length === GNU.directories
  );
}
