/**
 * Files that the code under test refuses on purpose, although the kernel does not (Linux 6.12,
 * `pefile_digest_pe_contents()` and `pefile_strip_sig_wrapper()`). Most of them must not be passed to a kernel: it
 * would read outside of the file, and crash or digest the memory there.
 */
export type Stricter =
  /** No section: the kernel writes the index of the first one into an empty array. */
  | 'no-sections'
  /** A section that ends after the file: the kernel reads past the end. */
  | 'section-outside-file'
  /** Headers that end before the certificate directory entry does: a length becomes negative. */
  | 'headers-end-early'
  /** A dwLength below 8, and a signature that ends after the file: a length becomes negative. */
  | 'signature-outside-file'
  /** Sections over the same bytes, so that the file would be hashed more than 8 times: the kernel does that. */
  | 'repeated-sections';

const COFF_END = 24;
const SECTION_HEADER = 40;
const REPETITIONS = 8;

/** The kind to which a PE file belongs, valid signature or not; undefined for all other files. */
export function stricterOn(file: Uint8Array): Stricter | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const u16 = (offset: number) => (offset + 2 <= file.length ? view.getUint16(offset, true) : 0);
  const u32 = (offset: number) => (offset + 4 <= file.length ? view.getUint32(offset, true) : 0);

  const pe = u32(60);
  const optional = pe + COFF_END;
  const optionalSize = { 267: 96, 523: 112 }[u16(optional)];
  if (u16(0) !== 0x5a4d || u32(pe) !== 0x4550 || optionalSize === undefined) return undefined;

  const directoryTable = optional + optionalSize;
  const headerSize = u32(optional + 60);
  const count = u32(directoryTable - 4);
  if (directoryTable >= headerSize || headerSize >= file.length) return undefined;
  if (count > Math.floor((headerSize - directoryTable) / 8)) return undefined;
  const certificateEntry = directoryTable + 4 * 8;
  const [tableOffset, tableSize] = [u32(certificateEntry), u32(certificateEntry + 4)];
  if (certificateEntry + 8 > file.length) return 'headers-end-early';
  if (tableOffset === 0 || tableSize === 0) return undefined;
  if (tableOffset < headerSize || tableOffset + tableSize > file.length) return undefined;
  if (certificateEntry + 8 > headerSize) return 'headers-end-early';

  const sectionTable = directoryTable + count * 8;
  const sections = u16(pe + 6);
  if (sections > Math.floor((headerSize - sectionTable) / SECTION_HEADER)) return undefined;
  if (u32(tableOffset) < 8 && leavesFile(file, tableOffset + 8)) return 'signature-outside-file';
  if (sections === 0) return 'no-sections';
  const ranges = Array.from({ length: sections }, (_, index) => {
    const at = sectionTable + index * SECTION_HEADER;
    return { size: u32(at + 16), pointer: u32(at + 20) };
  });
  if (ranges.some(({ size, pointer }) => size > 0 && pointer + size > file.length))
    return 'section-outside-file';
  const hashed = ranges.reduce((sum, { size }) => sum + size, 0);
  return hashed > REPETITIONS * file.length ? 'repeated-sections' : undefined;
}

/** Whether a DER structure with a length of at most two octets ends after the file. */
function leavesFile(file: Uint8Array, start: number): boolean {
  const [, first = 0, second = 0, third = 0] = file.subarray(start, start + 4);
  const length =
    first < 0x80 ? first + 2 : first === 0x81 ? second + 3 : first === 0x82 ? second * 256 + third + 4 : 4;
  return start + length > file.length;
}
