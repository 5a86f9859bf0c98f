import { listCertificates, locateCertificateTable, type WinCertificate } from './certificates.js';
import { type FileRange, type PeHeaders, parseHeaders } from './headers.js';
import { type PeSection, parseSections } from './sections.js';

export type { WinCertificate } from './certificates.js';
export type { DataDirectory, FileRange, PeHeaders } from './headers.js';
export type { PeSection } from './sections.js';

/** A PE file: a program for UEFI, such as an arm64 Image with an EFI stub. */
export interface PeFile extends PeHeaders {
  /** In the order of their headers. Their bytes lie within the file, after the headers, and do not overlap. */
  readonly sections: readonly PeSection[];
  /** The range of the certificate table in the file, after the headers and apart from the sections. */
  readonly certificateTable: FileRange | undefined;
  /** Its entries, unverified; none if the file is not signed. */
  readonly certificates: readonly WinCertificate[];
}

/**
 * Parses a PE file (PE32 or PE32+), and checks that everything it points at lies within it. Slices share memory with
 * `file`. Signatures and CheckSum are not verified.
 *
 * The errno is that of the kernel's `pefile_parse_binary()`, which refuses less: it does not check sections.
 *
 * @param file - the whole file
 * @throws KexecError ELIBBAD: `pe-header`, `pe-directory`, `pe-section`, `pe-certificates`
 */
export function parsePe(file: Uint8Array): PeFile {
  const headers = parseHeaders(file);
  const sections = parseSections(file, headers);
  const certificateTable = locateCertificateTable(file, headers, sections);
  return {
    ...headers,
    sections,
    certificateTable,
    certificates: certificateTable === undefined ? [] : listCertificates(file, certificateTable),
  };
}
