import { createHash } from 'node:crypto';
import { computeDigest, type Digest } from '../support/test-keys.js';
import { type FieldValues, HEADER, setupSize, writeSetupHeader } from './x86-64/bzimage.js';

/** A section of a file: its header, and its bytes in the file. */
export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The fields of the header that do not match the bytes. */
  readonly header?: {
    readonly virtualSize?: number;
    readonly virtualAddress?: number;
    readonly size?: number;
    readonly pointer?: number;
  };
}

/** A WIN_CERTIFICATE. Fields that are left out are those of the PE/COFF specification. */
export interface WinCertificate {
  readonly bytes: Uint8Array;
  readonly length?: number;
  readonly revision?: number;
  readonly type?: number;
}

export interface ImageOptions {
  readonly format?: 'PE32' | 'PE32+';
  readonly directories?: number;
  readonly sections?: readonly Section[];
  /** Offset of the PE header. */
  readonly peOffset?: number;
  /** SizeOfHeaders. */
  readonly headerSize?: number;
  /** The bytes after the sections. */
  readonly trailing?: Uint8Array;
  /** The fields of a bzImage's setup header that are not ordinary. */
  readonly setupHeader?: FieldValues;
}

/** Offsets of the headers of a PE file that the kernel reads. */
export interface PeLayout {
  readonly pe: number;
  readonly optional: number;
  readonly checkSum: number;
  readonly directoryCount: number;
  readonly certificateEntry: number;
  readonly sectionTable: number;
}

const COFF_END = 24;
const SECTION_HEADER = 40;
const OPTIONAL_SIZE = { PE32: 96, 'PE32+': 112 } as const;

/** The image_size of each image: small, so that there is always a place for it. As a bzImage, its init_size. */
const IMAGE_SIZE = 0x20000n;

/** The setup code of an ordinary image has one sector: the image has no more than the boot sector and some bytes. */
const SETUP_HEADER: FieldValues = { setup_sects: 1n, init_size: IMAGE_SIZE };

/** Pseudo-random bytes, the same for the same name. */
export function filler(name: string, length: number): Uint8Array {
  return createHash('shake256', { outputLength: length }).update(name).digest();
}

/** The sections of an ordinary image. */
export function ordinarySections(): Section[] {
  return [
    { name: '.text', bytes: filler('text', 0x140) },
    { name: '.data', bytes: filler('data', 0x180) },
    { name: '.reloc', bytes: filler('reloc', 0x20) },
  ];
}

/**
 * An unsigned arm64 Image of one or two KiB that is also a PE file, by booting.rst and the PE/COFF specification. If its
 * headers end before a bzImage's setup header begins, and it is long enough, it is a bzImage, too: that header lies among
 * the contents of the sections.
 */
export function buildImage(options: ImageOptions = {}): Uint8Array {
  const { format = 'PE32+', directories = 6, sections = ordinarySections(), peOffset = 0x40 } = options;
  const setupHeader = { ...SETUP_HEADER, ...options.setupHeader };
  const optional = peOffset + COFF_END;
  const directoryTable = optional + OPTIONAL_SIZE[format];
  const sectionTable = directoryTable + directories * 8;
  const headersEnd = sectionTable + sections.length * SECTION_HEADER;
  const headerSize = options.headerSize ?? Math.ceil(headersEnd / 0x20) * 0x20;
  const body = Buffer.concat([...sections.map(({ bytes }) => bytes), options.trailing ?? new Uint8Array()]);

  const file = Buffer.alloc(Math.ceil((Math.max(headerSize, headersEnd) + body.length) / 8) * 8);
  const start = Math.max(headerSize, headersEnd);
  body.copy(file, start);

  file.write('MZ', 0, 'latin1');
  file.writeBigUInt64LE(0n, 8);
  file.writeBigUInt64LE(IMAGE_SIZE, 16);
  file.writeBigUInt64LE(0b1010n, 24);
  file.write('ARM\x64', 56, 'latin1');
  file.writeUInt32LE(peOffset, 60);

  file.write('PE', peOffset, 'latin1');
  file.writeUInt16LE(0xaa64, peOffset + 4);
  file.writeUInt16LE(sections.length, peOffset + 6);
  file.writeUInt16LE(sectionTable - optional, peOffset + 20);
  file.writeUInt16LE(0x0206, peOffset + 22);

  file.writeUInt16LE(format === 'PE32+' ? 0x20b : 0x10b, optional);
  file.writeUInt32LE(0x1000, optional + 32);
  file.writeUInt32LE(0x20, optional + 36);
  file.writeUInt32LE(Number(IMAGE_SIZE), optional + 56);
  file.writeUInt32LE(headerSize, optional + 60);
  file.writeUInt32LE(0x00c0ffee, optional + 64);
  file.writeUInt16LE(10, optional + 68);
  file.writeUInt32LE(directories, directoryTable - 4);

  let pointer = start;
  for (const [index, { name, bytes, header = {} }] of sections.entries()) {
    const at = sectionTable + index * SECTION_HEADER;
    file.write(name.slice(0, 8), at, 'latin1');
    file.writeUInt32LE(header.virtualSize ?? bytes.length, at + 8);
    file.writeUInt32LE(header.virtualAddress ?? 0x1000 * (index + 1), at + 12);
    file.writeUInt32LE(header.size ?? bytes.length, at + 16);
    file.writeUInt32LE(header.pointer ?? pointer, at + 20);
    file.writeUInt32LE(0xe0000020, at + 36);
    pointer += bytes.length;
  }
  if (headersEnd <= HEADER.start && file.length >= setupSize(Number(setupHeader.setup_sects))) {
    writeSetupHeader(file, setupHeader);
  }
  return new Uint8Array(file);
}

/** The layout of a well-formed image. */
export function layoutOf(file: Uint8Array): PeLayout {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const pe = view.getUint32(60, true);
  const optional = pe + COFF_END;
  const directoryTable =
    optional + OPTIONAL_SIZE[view.getUint16(optional, true) === 0x10b ? 'PE32' : 'PE32+'];
  const count = view.getUint32(directoryTable - 4, true);
  return {
    pe,
    optional,
    checkSum: optional + 64,
    directoryCount: directoryTable - 4,
    certificateEntry: directoryTable + 4 * 8,
    sectionTable: directoryTable + count * 8,
  };
}

/**
 * The digest that a signature of an image covers (Windows Authenticode Portable Executable Signature Format): the
 * headers without CheckSum and certificate directory entry, the sections in the order of their offsets, and the bytes
 * after them.
 *
 * @param order - the indexes of the sections in another order
 */
export function peDigest(file: Uint8Array, digest: Digest, order?: readonly number[]): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { pe, optional, checkSum, certificateEntry, sectionTable } = layoutOf(file);
  const headerSize = view.getUint32(optional + 60, true);
  const headers = Array.from({ length: view.getUint16(pe + 6, true) }, (_, index) => {
    const at = sectionTable + index * SECTION_HEADER;
    const u32 = (offset: number) => view.getUint32(at + offset, true);
    const keys = order === undefined ? [u32(20), u32(12), index] : [order.indexOf(index)];
    return { size: u32(16), pointer: u32(20), keys };
  });
  headers.sort((a, b) => a.keys.map((value, at) => value - (b.keys[at] ?? 0)).find((by) => by !== 0) ?? 0);
  const sections = headers.map(({ pointer, size }) => file.subarray(pointer, pointer + size));
  const hashed = headerSize + sections.reduce((sum, { length }) => sum + length, 0);
  return computeDigest(
    digest,
    file.subarray(0, checkSum),
    file.subarray(checkSum + 4, certificateEntry),
    file.subarray(certificateEntry + 8, headerSize),
    ...sections,
    file.subarray(hashed),
  );
}

/** A file followed by a certificate table, with entries padded to 8 bytes. */
export function attach(image: Uint8Array, certificates: readonly WinCertificate[]): Uint8Array {
  const table = Buffer.concat(certificates.map(encodeWinCertificate));
  return withDirectory(Buffer.concat([image, table]), image.length, table.length);
}

/** A copy of a file with another certificate directory entry. */
export function withDirectory(file: Uint8Array, offset: number, size: number): Uint8Array {
  const { certificateEntry } = layoutOf(file);
  return withBytes(file, certificateEntry, u32le(offset), u32le(size));
}

/** A copy of a file with other bytes at an offset. */
export function withBytes(file: Uint8Array, offset: number, ...pieces: readonly Uint8Array[]): Uint8Array {
  const copy = new Uint8Array(file);
  copy.set(Buffer.concat(pieces), offset);
  return copy;
}

export function u32le(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

export function u16le(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8);
}

export function encodeWinCertificate(certificate: WinCertificate): Uint8Array {
  const { bytes, length = 8 + bytes.length, revision = 0x0200, type = 2 } = certificate;
  const padding = new Uint8Array(-bytes.length & 7);
  return Buffer.concat([u32le(length), u16le(revision), u16le(type), bytes, padding]);
}
