import { concatenate } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { computeCheckSum } from './checksum.js';
import type { DataDirectory, FileRange } from './headers.js';
import type { PeFile } from './parse.js';

/** The parts of a PE file that change when a signature is added or removed. */
export interface PeEnd {
  /** Bytes of the file before its certificate table; zeros fill it up if there are fewer. */
  readonly contentLength: number;
  /** The certificate table; empty for a file without one. */
  readonly table: Uint8Array;
  /** The data directory of the certificate table. */
  readonly directory: DataDirectory;
  readonly checkSum: number | 'computed';
}

const HEADER_SIZE = 8;
const ALIGNMENT = 8;
const REVISION = 0x0200;
const PKCS_SIGNED_DATA = 2;

/** PE files count bytes in 32 bits. */
const MAX_FILE_BYTES = 2 ** 32 - 1;

/** The file offset where the certificate table begins, or would begin: its entries are aligned. */
export function findCertificateTableStart(file: Uint8Array, pe: PeFile): number {
  return pe.certificateTable?.start ?? alignToEntry(file.length);
}

/** The bytes of the certificate table, shared with the file; empty if there is no table. */
export function sliceCertificateTable(file: Uint8Array, pe: PeFile): Uint8Array {
  const { start, end } = pe.certificateTable ?? { start: file.length, end: file.length };
  return file.subarray(start, end);
}

/**
 * Encodes an entry of the certificate table with a PKCS#7 message. dwLength is the length of header and message, and
 * the entry is padded to 8 bytes, as sbsign and the PE/COFF specification do.
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

/** Adds an entry to a certificate table, before the others or, with `append`, after them. */
export function addEntry(table: Uint8Array, entry: Uint8Array, { append }: { append: boolean }): Uint8Array {
  if (!append) return concatenate([entry, table]);
  return concatenate([table, new Uint8Array(alignToEntry(table.length) - table.length), entry]);
}

/** The certificate table without the entries of some indexes. The others stay as they are, with their padding. */
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
 * Refuses a file whose certificate table cannot be changed: there is no data directory for it, or the table is not the
 * end of the file, where signing tools and the kernel expect it.
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
    refuse('sign-layout', 'EINVAL', `PE file: ${behind} bytes follow the certificate table`, {
      offset: pe.certificateTable.end,
    });
  }
  return pe.certificateEntryOffset;
}

/**
 * Copies a PE file with another end: certificate table, its data directory, and CheckSum.
 *
 * @throws KexecError `EINVAL`: `sign-layout`; `EFBIG`, `file-size`: it would be larger than 4 GiB.
 */
export function replaceEnd(file: Uint8Array, pe: PeFile, end: PeEnd): Uint8Array {
  const directoryOffset = requireEditable(file, pe);
  const { contentLength, table, directory, checkSum } = end;
  if (contentLength + table.length > MAX_FILE_BYTES) {
    refuse('file-size', 'EFBIG', `a PE file of ${formatBytes(contentLength + table.length)}`, {
      cure: 'sign a smaller file: with the signature, a PE file has at most 4 GiB',
    });
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

/** Rounds a length up to a multiple of 8, at which entries of the certificate table begin. */
export function alignToEntry(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
