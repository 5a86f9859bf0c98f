/** Offsets in the files that {@link buildPe} makes, for tests that change them. */
export const PE_OFFSETS = {
  coff: 0x44,
  numberOfSections: 0x46,
  symbolTable: 0x4c,
  sizeOfOptionalHeader: 0x54,
  optional: 0x58,
  sizeOfHeaders: 0x58 + 60,
} as const;

/** Fields of a section header, from its start. */
export const SECTION_OFFSETS = { virtualSize: 8, virtualAddress: 12, size: 16, pointer: 20 } as const;

const ALIGNMENT = 0x200;

export interface PeParts {
  readonly format?: 'PE32' | 'PE32+';
  readonly directories?: number;
  /** Sections, with names of at most 8 characters as in the headers. */
  readonly sections?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** The COFF string table without its length. */
  readonly strings?: string;
  /** WIN_CERTIFICATE entries, each aligned to 8 bytes. */
  readonly certificates?: readonly { readonly type: number; readonly bytes: Uint8Array }[];
}

/**
 * Builds a small PE file for arm64: headers, sections in order, string table and certificate table. It is one long
 * function because it follows the layout of the file.
 */
export function buildPe(parts: PeParts): Uint8Array {
  const { format = 'PE32+', directories = 16, sections = [], strings, certificates = [] } = parts;
  const plus = format === 'PE32+';
  const { coff, optional } = PE_OFFSETS;
  const directoryTable = optional + (plus ? 112 : 96);
  const sectionTable = directoryTable + directories * 8;

  const headersSize = Math.max(0x400, align(sectionTable + sections.length * 40, ALIGNMENT));

  const chunks: { offset: number; bytes: Uint8Array }[] = [];
  let end = headersSize;
  const append = (bytes: Uint8Array, alignment: number): number => {
    const offset = align(end, alignment);
    chunks.push({ offset, bytes });
    end = offset + bytes.length;
    return offset;
  };
  const pointers = sections.map(({ bytes }) => (bytes.length > 0 ? append(bytes, ALIGNMENT) : 0));
  const symbolTable = strings === undefined ? 0 : append(stringTable(strings), 4);
  const certificateTable = certificates.length > 0 ? append(certificateEntries(certificates), 8) : 0;

  const file = new Uint8Array(end);
  for (const { offset, bytes } of chunks) file.set(bytes, offset);
  const view = new DataView(file.buffer);
  const u16 = (offset: number, value: number) => view.setUint16(offset, value, true);
  const u32 = (offset: number, value: number) => view.setUint32(offset, value, true);

  file.set(ascii('MZ'), 0);
  u32(0x3c, 0x40);
  file.set(ascii('PE'), 0x40);
  u16(coff, 0xaa64);
  u16(PE_OFFSETS.numberOfSections, sections.length);
  u32(PE_OFFSETS.symbolTable, symbolTable);
  u16(PE_OFFSETS.sizeOfOptionalHeader, sectionTable - optional);
  u16(coff + 18, 0x0206);

  u16(optional, plus ? 0x20b : 0x10b);
  u32(optional + 16, 0x1234);
  if (plus) view.setBigUint64(optional + 24, 0x1_4000_0000n, true);
  else u32(optional + 28, 0x4000_0000);
  u32(optional + 32, 0x1000);
  u32(optional + 36, ALIGNMENT);
  u32(optional + 56, 0x1000 * (sections.length + 1));
  u32(PE_OFFSETS.sizeOfHeaders, headersSize);
  u32(optional + 64, 0xc0ffee);
  u16(optional + 68, 10);
  u16(optional + 70, 0x100);
  u32(directoryTable - 4, directories);
  if (certificateTable > 0) {
    u32(directoryTable + 4 * 8, certificateTable);
    u32(directoryTable + 4 * 8 + 4, end - certificateTable);
  }

  for (const [index, { name, bytes }] of sections.entries()) {
    const header = sectionTable + index * 40;
    file.set(ascii(name), header);
    u32(header + SECTION_OFFSETS.virtualSize, Math.max(bytes.length, 16));
    u32(header + SECTION_OFFSETS.virtualAddress, 0x1000 * (index + 1));
    u32(header + SECTION_OFFSETS.size, bytes.length);
    u32(header + SECTION_OFFSETS.pointer, pointers[index] ?? 0);
    u32(header + 36, 0xe000_0020);
  }
  return file;
}

/** A copy of a file with a little-endian number of 4 bytes (or 2) changed. */
export function changeNumber(file: Uint8Array, offset: number, value: number, width: 2 | 4 = 4): Uint8Array {
  const changed = new Uint8Array(file);
  const view = new DataView(changed.buffer);
  if (width === 2) view.setUint16(offset, value, true);
  else view.setUint32(offset, value, true);
  return changed;
}

function stringTable(strings: string): Uint8Array {
  const text = ascii(strings);
  const table = new Uint8Array(4 + text.length);
  new DataView(table.buffer).setUint32(0, table.length, true);
  table.set(text, 4);
  return table;
}

function certificateEntries(certificates: NonNullable<PeParts['certificates']>): Uint8Array {
  const entries = certificates.map(({ type, bytes }) => {
    const entry = new Uint8Array(align(8 + bytes.length, 8));
    const view = new DataView(entry.buffer);
    view.setUint32(0, 8 + bytes.length, true);
    view.setUint16(4, 0x0200, true);
    view.setUint16(6, type, true);
    entry.set(bytes, 8);
    return entry;
  });
  return Uint8Array.from(entries.flatMap((entry) => Array.from(entry)));
}

function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
