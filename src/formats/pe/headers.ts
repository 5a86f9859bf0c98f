import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { refuseNoPe } from '../foreign/name-file.js';
import { hasMagic } from '../magics.js';

/** A half-open range of bytes of the file. */
export interface FileRange {
  readonly start: number;
  readonly end: number;
}

/** An entry of the data directories; its index determines its meaning. */
export interface DataDirectory {
  /** The address of the data in memory, relative to the image's base; for the certificate table, a file offset. */
  readonly virtualAddress: number;
  readonly size: number;
}

/** The fields of the COFF header and the optional header, by the names that the PE/COFF specification gives them. */
export interface PeHeaders {
  readonly format: 'PE32' | 'PE32+';
  /** The CPU that the image is for: 0xaa64 is arm64. The kernel ignores it. */
  readonly machine: number;
  readonly timeDateStamp: number;
  readonly characteristics: number;
  readonly addressOfEntryPoint: number;
  readonly imageBase: bigint;
  readonly sectionAlignment: number;
  readonly fileAlignment: number;
  /** Bytes of the image in memory. */
  readonly sizeOfImage: number;
  /** Bytes of the headers in the file, padding included. */
  readonly sizeOfHeaders: number;
  readonly checkSum: number;
  /** File offset of checkSum: an Authenticode digest leaves out these 4 bytes. */
  readonly checkSumOffset: number;
  /** 10 is an EFI application. */
  readonly subsystem: number;
  readonly dllCharacteristics: number;
  readonly pointerToSymbolTable: number;
  readonly numberOfSymbols: number;
  readonly directories: readonly DataDirectory[];
  /**
   * File offset of the certificate table's entry in the data directories: an Authenticode digest leaves out these
   * 8 bytes. Undefined if there are fewer than 5 directories.
   */
  readonly certificateEntryOffset: number | undefined;
  /** The range of the data directories in the file. */
  readonly directoryTable: FileRange;
  /**
   * The range of the section headers in the file: after the optional header, whose size is in the COFF header. The
   * kernel reads them directly after the directories, which is the same place in the output of usual linkers.
   */
  readonly sectionTable: FileRange;
}

const MZ_HEADER_SIZE = 64;
/** "PE", NUL, NUL, where the MZ header points. */
export const PE_MAGIC = 0x4550;
const COFF_HEADER_SIZE = 20;
const DIRECTORY_SIZE = 8;
const CERTIFICATE_TABLE = 4;
export const SECTION_HEADER_SIZE = 40;

/** Offsets that differ between the kinds of optional headers, by their magic numbers. */
interface Layout {
  readonly format: 'PE32' | 'PE32+';
  readonly imageBase: number;
  readonly numberOfDirectories: number;
  readonly directories: number;
}

const LAYOUTS: Readonly<Record<number, Layout>> = {
  267: { format: 'PE32', imageBase: 28, numberOfDirectories: 92, directories: 96 },
  523: { format: 'PE32+', imageBase: 24, numberOfDirectories: 108, directories: 112 },
};

/**
 * Parses MZ header, PE signature, COFF header, optional header and data directories (PE/COFF specification, "File
 * Headers" and "Optional Header"), and locates the section headers.
 *
 * @param file - the whole file
 * @throws KexecError ELIBBAD, `pe-header` or `pe-directory`.
 */
export function parseHeaders(file: Uint8Array): PeHeaders {
  const bytes = new BoundedBytes(file, { what: 'PE file', check: 'pe-header', errno: 'ELIBBAD' });
  const header = findOptionalHeader(bytes);
  const { coff, optional, optionalEnd, layout } = header;

  const sectionTable = {
    start: optionalEnd,
    end: optionalEnd + bytes.u16le(coff + 2) * SECTION_HEADER_SIZE,
  };
  const sizeOfHeaders = bytes.u32le(optional + 60);
  bytes.slice(0, sizeOfHeaders, 'the headers, by SizeOfHeaders,');
  if (sectionTable.end > sizeOfHeaders) {
    bytes.fail(`section headers that end at ${hex(sectionTable.end)}, behind the headers`, coff + 2);
  }
  const directoryTable = findDirectoryTable(bytes, header);
  const directories = readDirectories(bytes, directoryTable);
  return {
    format: layout.format,
    ...readCoffFields(bytes, coff),
    ...readOptionalFields(bytes, header),
    sizeOfHeaders,
    directories,
    certificateEntryOffset:
      directories.length > CERTIFICATE_TABLE
        ? directoryTable.start + CERTIFICATE_TABLE * DIRECTORY_SIZE
        : undefined,
    directoryTable,
    sectionTable,
  };
}

/** Offsets of the COFF header and the optional header, in bytes, and the layout of the latter. */
interface OptionalHeader {
  readonly coff: number;
  readonly optional: number;
  readonly optionalEnd: number;
  readonly layout: Layout;
}

function findOptionalHeader(bytes: BoundedBytes): OptionalHeader {
  if (bytes.length > 1 && !hasMagic(bytes.bytes, 'mz'))
    refuseNoPe(bytes.bytes, { check: 'pe-header', errno: 'ELIBBAD' });
  bytes.slice(0, MZ_HEADER_SIZE, 'the MZ header');
  const signature = bytes.u32le(60);
  if (signature < MZ_HEADER_SIZE) bytes.fail(`a PE header at ${hex(signature)}, within the MZ header`, 60);
  if (bytes.u32le(signature) !== PE_MAGIC) bytes.fail('no "PE"', signature);

  const coff = signature + 4;
  const optional = coff + COFF_HEADER_SIZE;
  bytes.slice(coff, COFF_HEADER_SIZE, 'the COFF header');
  const size = bytes.u16le(coff + 16);
  const layout = LAYOUTS[bytes.u16le(optional)];
  if (layout === undefined) return bytes.fail('an optional header of unknown kind', optional);
  if (size < layout.directories) {
    bytes.fail(`an optional header of ${size} bytes, too short for ${layout.format}`, coff + 16);
  }
  bytes.slice(optional, size, 'the optional header');
  return { coff, optional, optionalEnd: optional + size, layout };
}

function findDirectoryTable(
  bytes: BoundedBytes,
  { optional, optionalEnd, layout }: OptionalHeader,
): FileRange {
  const count = bytes.u32le(optional + layout.numberOfDirectories);
  const start = optional + layout.directories;
  const end = start + count * DIRECTORY_SIZE;
  if (end > optionalEnd) {
    new BoundedBytes(bytes.bytes, { what: 'PE file', check: 'pe-directory', errno: 'ELIBBAD' }).fail(
      `${count} directories in an optional header of ${optionalEnd - optional} bytes`,
      optional + layout.numberOfDirectories,
    );
  }
  return { start, end };
}

function readCoffFields(bytes: BoundedBytes, coff: number) {
  return {
    machine: bytes.u16le(coff),
    timeDateStamp: bytes.u32le(coff + 4),
    pointerToSymbolTable: bytes.u32le(coff + 8),
    numberOfSymbols: bytes.u32le(coff + 12),
    characteristics: bytes.u16le(coff + 18),
  };
}

function readOptionalFields(bytes: BoundedBytes, { optional, layout }: OptionalHeader) {
  const imageBase = optional + layout.imageBase;
  return {
    addressOfEntryPoint: bytes.u32le(optional + 16),
    imageBase: layout.format === 'PE32' ? BigInt(bytes.u32le(imageBase)) : bytes.u64le(imageBase),
    sectionAlignment: bytes.u32le(optional + 32),
    fileAlignment: bytes.u32le(optional + 36),
    sizeOfImage: bytes.u32le(optional + 56),
    checkSum: bytes.u32le(optional + 64),
    checkSumOffset: optional + 64,
    subsystem: bytes.u16le(optional + 68),
    dllCharacteristics: bytes.u16le(optional + 70),
  };
}

function readDirectories(bytes: BoundedBytes, { start, end }: FileRange): DataDirectory[] {
  const directories: DataDirectory[] = [];
  for (let offset = start; offset < end; offset += DIRECTORY_SIZE) {
    directories.push({ virtualAddress: bytes.u32le(offset), size: bytes.u32le(offset + 4) });
  }
  return directories;
}
