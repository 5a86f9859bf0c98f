import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { type FileRange, type PeHeaders, SECTION_HEADER_SIZE } from './headers.js';

/** A section: its header, and its bytes in the file. */
export interface PeSection {
  /** Its name, long names (`/123`, `//AAAA`) looked up in the COFF string table. */
  readonly name: string;
  /** Its address in memory, relative to the image's base. */
  readonly virtualAddress: number;
  /** Its bytes in memory; those that are not in the file are zero. */
  readonly virtualSize: number;
  /** The range of its bytes in the file. For a section without bytes it is empty, and may be anywhere. */
  readonly raw: FileRange;
  /** These bytes, shared with the file. */
  readonly bytes: Uint8Array;
  readonly characteristics: number;
}

/** Section names are UTF-8. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

const NAME_SIZE = 8;
const SYMBOL_SIZE = 18;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** In bytes; bounds the work for 65,535 headers that all point at the same text. */
const MAX_LONG_NAME_BYTES = 256;

/**
 * Parses the section headers (PE/COFF specification, "Section Table").
 *
 * The kernel checks none of this: digesting a signed file with a section beyond its end, it reads past its buffer.
 *
 * @param file - the whole file
 * @throws KexecError ELIBBAD, `pe-section`: a section's bytes begin within the headers, go beyond the file or overlap
 * another's, or a long name is not in the string table.
 */
export function parseSections(file: Uint8Array, headers: PeHeaders): PeSection[] {
  const bytes = new BoundedBytes(file, { what: 'PE file', check: 'pe-section', errno: 'ELIBBAD' });

  const sections: PeSection[] = [];
  const { start, end } = headers.sectionTable;
  for (let header = start; header < end; header += SECTION_HEADER_SIZE) {
    const name = readName(bytes, header, headers);
    const size = bytes.u32le(header + 16);
    const pointer = bytes.u32le(header + 20);
    if (size > 0 && pointer < headers.sizeOfHeaders) {
      bytes.fail(`section ${name} begins at ${hex(pointer)}, within the headers`, header + 20);
    }
    sections.push({
      name,
      virtualSize: bytes.u32le(header + 8),
      virtualAddress: bytes.u32le(header + 12),
      raw: { start: pointer, end: pointer + size },
      bytes: size > 0 ? bytes.slice(pointer, size, `section ${name}`) : file.subarray(0, 0),
      characteristics: bytes.u32le(header + 36),
    });
  }
  refuseOverlaps(bytes, sections);
  return sections;
}

function refuseOverlaps(bytes: BoundedBytes, sections: readonly PeSection[]): void {
  const sorted = sections.filter(({ raw }) => raw.start < raw.end).sort((a, b) => a.raw.start - b.raw.start);
  for (const [index, section] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && next.raw.start < section.raw.end) {
      bytes.fail(`sections ${section.name} and ${next.name} overlap`, next.raw.start);
    }
  }
}

/** The COFF string table, which follows the symbols and begins with its own length. */
function sliceStringTable(bytes: BoundedBytes, headers: PeHeaders): Uint8Array {
  const start = headers.pointerToSymbolTable + headers.numberOfSymbols * SYMBOL_SIZE;
  return bytes.slice(start, bytes.u32le(start), 'the COFF string table');
}

/** If the file has no string table, a name that refers to it stays as it is: strip leaves such files. */
function readName(bytes: BoundedBytes, header: number, headers: PeHeaders): string {
  const field = bytes.slice(header, NAME_SIZE, 'a section name');
  const nul = field.indexOf(0);
  const name = UTF8.decode(nul < 0 ? field : field.subarray(0, nul));
  const offset = findLongNameOffset(name);
  if (offset === undefined || headers.pointerToSymbolTable === 0) return name;

  const strings = sliceStringTable(bytes, headers);
  const end = strings.subarray(offset, offset + MAX_LONG_NAME_BYTES).indexOf(0);
  if (end < 0) bytes.fail(`section name ${name} has no text in the COFF string table`, header);
  return UTF8.decode(strings.subarray(offset, offset + end));
}

/** `/` and a decimal number; for more than 7 digits, LLVM writes `//` and a base64 number. */
function findLongNameOffset(name: string): number | undefined {
  if (/^\/\d+$/.test(name)) return Number(name.slice(1));
  if (!/^\/\/[A-Za-z0-9+/]+$/.test(name)) return undefined;
  let offset = 0;
  for (const digit of name.slice(2)) offset = offset * 64 + BASE64.indexOf(digit);
  return offset;
}
