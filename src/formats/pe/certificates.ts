import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import type { FileRange, PeHeaders } from './headers.js';
import type { PeSection } from './sections.js';

/** An entry of the certificate table: WIN_CERTIFICATE. */
export interface WinCertificate {
  /** dwLength: bytes of the entry, its 8-byte header included, padding not. */
  readonly length: number;
  /** wRevision: 0x0200 in all current files. */
  readonly revision: number;
  /** wCertificateType: 2 is a PKCS#7 SignedData. */
  readonly type: number;
  /** Where the entry lies in the file, its header included. */
  readonly range: FileRange;
  /** The certificate: the bytes behind the header, shared with the file. */
  readonly bytes: Uint8Array;
}

const HEADER_SIZE = 8;
const ALIGNMENT = 8;

/** Files have one or two entries; the bound keeps a table of empty entries from being listed. */
const MAX_ENTRIES = 64;

/**
 * Locates the certificate table. Its directory entry holds a file offset, not an address. If either field is 0, there
 * is no table, as for the kernel.
 *
 * @returns undefined if there is no table
 *
 * @throws KexecError ELIBBAD, `pe-certificates`: the table does not lie within the file, or overlaps the headers or a
 *   section.
 */
export function locateCertificateTable(
  file: Uint8Array,
  headers: PeHeaders,
  sections: readonly PeSection[],
): FileRange | undefined {
  if (headers.certificateEntryOffset === undefined) return undefined;
  const bytes = boundedBytes(file);
  const start = bytes.u32le(headers.certificateEntryOffset);
  const size = bytes.u32le(headers.certificateEntryOffset + 4);
  if (start === 0 || size === 0) return undefined;

  bytes.slice(start, size, 'the certificate table');
  if (start < headers.sizeOfHeaders) bytes.fail('a certificate table within the headers', start);
  const table = { start, end: start + size };
  for (const { name, raw } of sections) {
    if (raw.start < raw.end && raw.start < table.end && table.start < raw.end) {
      bytes.fail(`the certificate table at ${hex(start)} overlaps section ${name}`, raw.start);
    }
  }
  return table;
}

/**
 * Lists the entries of a certificate table (PE/COFF specification, "The Attribute Certificate Table"), unverified. The
 * kernel reads the first entry only.
 *
 * @throws KexecError ELIBBAD, `pe-certificates`: an entry is shorter than its header or goes beyond the table, or there
 *   are more than 64.
 */
export function listCertificates(file: Uint8Array, table: FileRange): WinCertificate[] {
  const bytes = boundedBytes(file);
  const certificates: WinCertificate[] = [];
  for (let start = table.start; start < table.end; ) {
    if (certificates.length === MAX_ENTRIES) bytes.fail(`more than ${MAX_ENTRIES} certificates`, start);
    const length = bytes.u32le(start);
    const end = start + length;
    if (length < HEADER_SIZE || end > table.end) {
      bytes.fail(`a certificate of ${length} bytes where the table has ${table.end - start} left`, start);
    }
    certificates.push({
      length,
      revision: bytes.u16le(start + 4),
      type: bytes.u16le(start + 6),
      range: { start, end },
      bytes: bytes.slice(start + HEADER_SIZE, length - HEADER_SIZE, 'a certificate'),
    });
    start += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  return certificates;
}

function boundedBytes(file: Uint8Array): BoundedBytes {
  return new BoundedBytes(file, { what: 'PE file', check: 'pe-certificates', errno: 'ELIBBAD' });
}
