import { concatenate } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { computeCheckSum } from './checksum.js';
import type { DataDirectory, FileRange } from './headers.js';
import type { PeFile } from './parse.js';

/** What of a PE file is another when it is signed, or a signature is taken off it. */
export interface PeEnd {
  /** Bytes of the file before its certificate table; where there are fewer, zeros follow. */
  readonly contentLength: number;
  /** The certificate table; empty if the file is to have none. */
  readonly table: Uint8Array;
  /** What its data directory says. */
  readonly directory: DataDirectory;
  readonly checkSum: number | 'computed';
}

const HEADER_SIZE = 8;
const ALIGNMENT = 8;
const REVISION = 0x0200;
const PKCS_SIGNED_DATA = 2;

/** A PE file counts its bytes in 32 bits. */
const LARGEST = 2 ** 32 - 1;

/** Where the certificate table begins, or would begin: its entries are aligned in the file. */
export function findCertificateTableStart(file: Uint8Array, pe: PeFile): number {
  return pe.certificateTable?.start ?? alignToEntry(file.length);
}

/** The certificate table's bytes, shared with the file; none if there is no table. */
export function sliceCertificateTable(file: Uint8Array, pe: PeFile): Uint8Array {
  const { start, end } = pe.certificateTable ?? { start: file.length, end: file.length };
  return file.subarray(start, end);
}

/**
 * A certificate table entry with a PKCS#7 message: dwLength is that of header and message, and the entry is padded to
 * 8 bytes, as sbsign writes it and the PE/COFF specification has it.
 */
export function encodeCertificate(pkcs7: Uint8Array): Uint8Array {
  const entry = new Uint8Array(alignToEntry(HEADER_SIZE + pkcs7.length));
  const view = new DataView(entry.buffer);
  view.setUint32(0, HEADER_SIZE + pkcs7.length, true);
  view.setUint16(4, REVISION, true);
  view.setUint16(6, PKCS_SIGNED_DATA, true);
  entry.set(pkcs7, HEADER_SIZE);
  return entry;
}

/** A certificate table with one more entry, before the others or, with `append`, behind them. */
export function addEntry(table: Uint8Array, entry: Uint8Array, { append }: { append: boolean }): Uint8Array {
  if (!append) return concatenate([entry, table]);
  return concatenate([table, new Uint8Array(alignToEntry(table.length) - table.length), entry]);
}

/** The certificate table without some of its entries, which are named by index; the others stay as they are, padding too. */
export function removeEntries(file: Uint8Array, pe: PeFile, indexes: ReadonlySet<number>): Uint8Array {
  const end = pe.certificateTable?.end ?? 0;
  const kept = pe.certificates
    .map(
      ({ range }, index): FileRange => ({
        start: range.start,
        end: pe.certificates[index + 1]?.range.start ?? end,
      }),
    )
    .filter((_, index) => !indexes.has(index));
  return concatenate(kept.map((range) => file.subarray(range.start, range.end)));
}

/**
 * Refuses a file whose certificate table cannot be changed: it has no data directory for one, or the table is not its
 * end, which is where signing tools and the kernel have it.
 *
 * @returns the file offset of the data directory
 * @throws KexecError `EINVAL`: `sign-layout`.
 */
export function requireEditable(file: Uint8Array, pe: PeFile): number {
  if (pe.certificateEntryOffset === undefined) {
    refuse(
      'sign-layout',
      'EINVAL',
      `PE file: ${pe.directories.length} data directories, and none for a certificate table`,
    );
  }
  if (pe.certificateTable !== undefined && pe.certificateTable.end !== file.length) {
    const behind = file.length - pe.certificateTable.end;
    refuse('sign-layout', 'EINVAL', `PE file: ${hex(behind)} bytes behind the certificate table`, {
      offset: pe.certificateTable.end,
    });
  }
  return pe.certificateEntryOffset;
}

/**
 * A copy of a PE file that ends as is said, with the certificate table's data directory and CheckSum set.
 *
 * @throws KexecError `EINVAL`: `sign-layout`; `EFBIG`, `file-size`: it would be larger than 4 GiB.
 */
export function replaceEnd(file: Uint8Array, pe: PeFile, end: PeEnd): Uint8Array {
  const directoryOffset = requireEditable(file, pe);
  const { contentLength, table, directory, checkSum } = end;
  if (contentLength + table.length > LARGEST) {
    refuse('file-size', 'EFBIG', `a PE file of ${hex(contentLength + table.length)} bytes`);
  }
  const result = new Uint8Array(contentLength + table.length);
  result.set(file.subarray(0, Math.min(contentLength, findCertificateTableStart(file, pe))));
  result.set(table, contentLength);
  const view = new DataView(result.buffer);
  view.setUint32(directoryOffset, directory.virtualAddress, true);
  view.setUint32(directoryOffset + 4, directory.size, true);
  const { checkSumOffset } = pe;
  view.setUint32(
    checkSumOffset,
    checkSum === 'computed' ? computeCheckSum(result, checkSumOffset) : checkSum,
    true,
  );
  return result;
}

/** A length that is a multiple of 8, as entries of the certificate table begin. */
export function alignToEntry(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
