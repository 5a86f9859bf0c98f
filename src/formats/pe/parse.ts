import { listCertificates, locateCertificateTable, type WinCertificate } from './certificates.js';
import { type FileRange, type PeHeaders, parseHeaders } from './headers.js';
import { type PeSection, parseSections } from './sections.js';

export type { WinCertificate } from './certificates.js';
export type { DataDirectory, FileRange, PeHeaders } from './headers.js';
export type { PeSection } from './sections.js';

/** A PE file: what an arm64 Image with an EFI stub is, and any other program for UEFI. */
export interface PeFile extends PeHeaders {
  /** In the order of their headers. Their bytes lie within the file, behind the headers, and do not overlap. */
  readonly sections: readonly PeSection[];
  /** Where the certificate table lies in the file, behind the headers and apart from the sections. */
  readonly certificateTable: FileRange | undefined;
  /** Its entries, unverified; none if the file is not signed. */
  readonly certificates: readonly WinCertificate[];
}

/**
 * Reads the structure of a PE file (PE32 or PE32+), and checks that everything it points at lies within it. Slices
 * share memory with `file`. It verifies no signature and no checksum.
 *
 * The errno is that of the kernel's `pefile_parse_binary()`, which refuses less: it looks at no section.
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
