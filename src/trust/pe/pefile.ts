import { decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { SEQUENCE } from '../../formats/asn1-tags.js';
import { refuseNoPe } from '../../formats/foreign/name-file.js';
import { hasMagic } from '../../formats/magics.js';
import { PE_MAGIC } from '../../formats/pe/headers.js';
import type { DigestedSection, DigestLayout } from './authenticode.js';

/** What the kernel reads of a signed PE file before it verifies the signature (`struct pefile_context`). */
export interface Pefile extends DigestLayout {
  /** The PKCS#7 message in the first WIN_CERTIFICATE, shared with the file. */
  readonly signature: Uint8Array;
  /** Where the certificate table begins in the file. */
  readonly certificatesOffset: number;
}

const MZ_SIZE = 64;
const COFF_END = 24;
const SECTION_SIZE = 40;
const DIRECTORY_SIZE = 8;
/** The index of the data directory for certificates. */
const CERTIFICATES = 4;
const WRAPPER_SIZE = 8;
/** Section names are compared up to this length, in bytes. */
const MAX_NAME_BYTES = 256;

/** The kinds of optional headers, by their magic numbers: size in bytes, and offset of a field. */
const OPTIONAL_HEADERS: Readonly<Record<number, { readonly size: number; readonly directoryCount: number }>> =
  {
    267: { size: 96, directoryCount: 92 },
    523: { size: 112, directoryCount: 108 },
  };
const SIZE_OF_HEADERS = 60;
const CHECK_SUM = 64;

/**
 * Finds the signature of a PE file by the kernel's own checks, which are fewer than the format requires:
 * `pefile_parse_binary()` and `pefile_strip_sig_wrapper()`. Sections are read, not checked. For all other purposes,
 * `parsePe()` parses PE files.
 *
 * @throws KexecError check `pe-signed`: `ELIBBAD` for a malformed file, `ENODATA` for one that is not signed; check
 *   `pe-wrapper`: `ELIBBAD`, `ENOTSUPP`, `EMSGSIZE`, `EKEYREJECTED` for a certificate table without such a message.
 */
export function parsePefile(file: Uint8Array): Pefile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { peOffset, optional, layout } = findOptionalHeader(file, view);

  const headerSize = view.getUint32(optional + SIZE_OF_HEADERS, true);
  const directories = optional + layout.size;
  if (directories >= headerSize || headerSize >= file.length) {
    refuseFile(`headers of ${formatBytes(headerSize)}`, optional + SIZE_OF_HEADERS);
  }
  const directoryCount = view.getUint32(optional + layout.directoryCount, true);
  if (directoryCount > Math.floor((headerSize - directories) / DIRECTORY_SIZE)) {
    refuseFile(`${directoryCount} data directories`, optional + layout.directoryCount);
  }
  const certificateEntryOffset = directories + CERTIFICATES * DIRECTORY_SIZE;
  const table = findCertificateTable(file, view, certificateEntryOffset, headerSize);
  const sectionTable = directories + directoryCount * DIRECTORY_SIZE;
  const sectionCount = view.getUint16(peOffset + 6, true);
  if (sectionCount > Math.floor((headerSize - sectionTable) / SECTION_SIZE)) {
    refuseFile(`${sectionCount} sections`, peOffset + 6);
  }
  return {
    checkSumOffset: optional + CHECK_SUM,
    certificateEntryOffset,
    headerSize,
    certificatesSize: table.size,
    certificatesOffset: table.offset,
    sections: Array.from({ length: sectionCount }, (_, index) =>
      readSection(file, view, sectionTable + index * SECTION_SIZE),
    ),
    signature: stripWrapper(file, view, table),
  };
}

/** The offsets of the PE header and of the optional header, and the layout of the latter. */
function findOptionalHeader(file: Uint8Array, view: DataView) {
  requirePart(file, 0, 0, MZ_SIZE, 'the MZ header');
  if (!hasMagic(file, 'mz')) refuseNoPe(file, { check: 'pe-signed', errno: 'ELIBBAD' });
  const peOffset = view.getUint32(60, true);
  requirePart(file, MZ_SIZE, peOffset, COFF_END, 'the PE header');
  if (view.getUint32(peOffset, true) !== PE_MAGIC) refuseFile('no "PE"', peOffset);
  const optional = peOffset + COFF_END;
  requirePart(file, 0, optional, 2, 'the magic of the optional header');
  const magic = view.getUint16(optional, true);
  const layout = OPTIONAL_HEADERS[magic];
  if (layout === undefined) refuseFile(`an optional header with magic ${hex(magic)}`, optional);
  requirePart(file, 0, optional, layout.size, 'the optional header');
  return { peOffset, optional, layout };
}

/** A part of the file, in bytes from its start. */
interface Part {
  readonly offset: number;
  readonly size: number;
}

function findCertificateTable(file: Uint8Array, view: DataView, entry: number, headerSize: number): Part {
  // The kernel assumes the fifth directory, whatever the count says. Beyond the end of the file there is none.
  if (entry + DIRECTORY_SIZE > file.length) refuseFile('no data directory for certificates', entry);
  const offset = view.getUint32(entry, true);
  const size = view.getUint32(entry + 4, true);
  if (offset === 0 || size === 0) {
    refuse('pe-signed', 'ENODATA', 'PE file: the file is not signed', { offset: entry });
  }
  requirePart(file, headerSize, offset, size, 'the certificate table');
  return { offset, size };
}

/** A part lies within the file, begins at `base` or later, and is smaller than the file: kernel macro `chkaddr()`. */
function requirePart(file: Uint8Array, base: number, offset: number, size: number, what: string): void {
  if (offset < base || size >= file.length || offset > file.length - size) {
    refuseFile(`${what} of ${size} bytes does not lie in the file's ${formatBytes(file.length)}`, offset);
  }
}

function refuseFile(seen: string, offset: number): never {
  refuse('pe-signed', 'ELIBBAD', `PE file: ${seen}`, { offset });
}

function readSection(file: Uint8Array, view: DataView, offset: number): DigestedSection {
  // A name of eight bytes has no NUL. The kernel compares names by strcmp(), and so reads on behind them.
  const [name = ''] = decodeLatin1(file.subarray(offset, offset + MAX_NAME_BYTES)).split('\0');
  return {
    name,
    virtualSize: view.getUint32(offset + 8, true),
    virtualAddress: view.getUint32(offset + 12, true),
    rawSize: view.getUint32(offset + 16, true),
    rawOffset: view.getUint32(offset + 20, true),
  };
}

/** The PKCS#7 message in the first WIN_CERTIFICATE: `pefile_strip_sig_wrapper()`. */
function stripWrapper(file: Uint8Array, view: DataView, { offset, size }: Part): Uint8Array {
  if (size < WRAPPER_SIZE)
    refuse('pe-wrapper', 'ELIBBAD', `PE file: a certificate table of ${size} bytes`, { offset });
  const length = view.getUint32(offset, true);
  const revision = view.getUint16(offset + 4, true);
  const type = view.getUint16(offset + 6, true);
  if (length > size)
    refuse(
      'pe-wrapper',
      'ELIBBAD',
      `PE file: dwLength ${formatBytes(length)} in a table of ${formatBytes(size)}`,
      {
        offset,
      },
    );
  if (revision !== 0x0200)
    refuse('pe-wrapper', 'ENOTSUPP', `PE file: revision ${hex(revision)}`, { offset: offset + 4 });
  if (type !== 2) refuse('pe-wrapper', 'ENOTSUPP', `PE file: type ${type}`, { offset: offset + 6 });

  const start = offset + WRAPPER_SIZE;
  // The kernel subtracts in 32 bits: a dwLength below 8 becomes a length that nothing exceeds.
  const room = (length - WRAPPER_SIZE) >>> 0;
  if (room < 4) refuse('pe-wrapper', 'EKEYREJECTED', `PE file: a signature of ${room} bytes`, { offset });
  const octet = (at: number): number => file[start + at] ?? 0;
  if (octet(0) !== SEQUENCE)
    refuse('pe-wrapper', 'ELIBBAD', `PE file: a signature that is no SEQUENCE`, { offset: start });
  const form = octet(1);
  if (form === 0x80) return file.subarray(start, start + room);
  if (form >= 0x83)
    refuse('pe-wrapper', 'EMSGSIZE', `PE file: a signature whose length is of form ${hex(form)}`, {
      offset: start + 1,
    });
  const derLength = form < 0x80 ? form + 2 : form === 0x81 ? octet(2) + 3 : octet(2) * 256 + octet(3) + 4;
  if (derLength > room) {
    refuse(
      'pe-wrapper',
      'ELIBBAD',
      `PE file: a signature of ${derLength} bytes in a WIN_CERTIFICATE with room for ${room}`,
      { offset: start },
    );
  }
  return file.subarray(start, start + derLength);
}
