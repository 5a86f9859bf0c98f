import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import type { Hash } from '../hashes.js';

/** A section, as far as the digest needs it. */
export interface DigestedSection {
  /** As strcmp() reads it: up to a NUL, which may be behind the eight bytes of a name. */
  readonly name: string;
  readonly virtualSize: number;
  readonly virtualAddress: number;
  readonly rawSize: number;
  readonly rawOffset: number;
}

/** The places of a PE file that its digest covers or omits. Offsets and sizes in bytes. */
export interface DigestLayout {
  /** CheckSum: 4 bytes, omitted. */
  readonly checkSumOffset: number;
  /** The data directory of the certificate table: 8 bytes, omitted. */
  readonly certificateEntryOffset: number;
  /** SizeOfHeaders. */
  readonly headerSize: number;
  /** Bytes of the certificate table, which is omitted; 0 if there is none yet. */
  readonly certificatesSize: number;
  /** In any order. */
  readonly sections: readonly DigestedSection[];
}

const CHECK_SUM_SIZE = 4;
const DIRECTORY_SIZE = 8;

/** The kernel accepts sections that overlap. Their total size is bounded by this many times the size of the file. */
const MAX_REPETITIONS = 8;

/**
 * Digests the parts of a PE file that an Authenticode signature covers: the headers, the sections in the order of their
 * bytes in the file, then the rest of the file less the size of the certificate table. The rest begins where headers
 * and sections would end without gaps, and the table counts as the end of the file, wherever it is: the rule of
 * "Windows Authenticode Portable Executable Signature Format", and of `pefile_digest_pe_contents()`.
 *
 * The kernel checks no bounds here. Files for which it would leave its buffer are refused: no sections, headers that
 * end before the data directory of the certificate table, a section beyond the file. So is a section table by which the
 * file would be hashed more than 8 times over.
 *
 * @param file - the whole file, which is not copied
 * @param hash - receives the covered bytes
 * @throws KexecError `ELIBBAD`: `pe-contents`.
 */
export function digestAuthenticode(file: Uint8Array, layout: DigestLayout, hash: Hash): void {
  const { checkSumOffset, certificateEntryOffset, headerSize, certificatesSize } = layout;
  const sections = sortSections(file, layout);
  const hashedBytes = sections.reduce((sum, { rawSize }) => sum + rawSize, headerSize);
  // The kernel counts in 32 bits.
  const end = hashedBytes % 2 ** 32;
  const trailing = file.length > end ? file.length - end - certificatesSize : 0;
  if (trailing < 0) {
    refuse(
      'pe-contents',
      'ELIBBAD',
      `PE file: headers and sections of ${formatBytes(end)} leave no room for a table of ${certificatesSize}`,
    );
  }

  hash.update(file.subarray(0, checkSumOffset));
  hash.update(file.subarray(checkSumOffset + CHECK_SUM_SIZE, certificateEntryOffset));
  hash.update(file.subarray(certificateEntryOffset + DIRECTORY_SIZE, headerSize));
  for (const { rawOffset, rawSize } of sections) hash.update(file.subarray(rawOffset, rawOffset + rawSize));
  if (trailing > 0) hash.update(file.subarray(end, end + trailing));
}

/** The sections with bytes in the file, in the order of `pefile_compare_shdrs()`. */
function sortSections(
  file: Uint8Array,
  { sections, headerSize, certificateEntryOffset }: DigestLayout,
): DigestedSection[] {
  if (sections.length === 0)
    refuse('pe-contents', 'ELIBBAD', `PE file: no sections, for which the kernel faults`);
  if (headerSize > file.length || certificateEntryOffset + DIRECTORY_SIZE > headerSize) {
    refuse(
      'pe-contents',
      'ELIBBAD',
      `PE file: headers of ${formatBytes(headerSize)}, for which the kernel leaves its buffer`,
    );
  }
  const withBytes = sections.filter(({ rawSize }) => rawSize > 0);
  for (const { name, rawOffset, rawSize } of withBytes) {
    if (rawOffset + rawSize > file.length) {
      refuse(
        'pe-contents',
        'ELIBBAD',
        `PE file: section ${JSON.stringify(name)} of ${formatBytes(rawSize)} leaves the file, and the kernel its buffer`,
        { offset: rawOffset },
      );
    }
  }
  const total = withBytes.reduce((sum, { rawSize }) => sum + rawSize, 0);
  if (total > file.length * MAX_REPETITIONS) {
    refuse(
      'pe-contents',
      'ELIBBAD',
      `PE file: sections of ${total} bytes that overlap in a file of ${file.length}`,
    );
  }
  return withBytes.sort(compareSections);
}

function compareSections(a: DigestedSection, b: DigestedSection): number {
  return (
    a.rawOffset - b.rawOffset ||
    a.virtualAddress - b.virtualAddress ||
    Number(a.name > b.name) - Number(a.name < b.name) ||
    a.virtualSize - b.virtualSize ||
    a.rawSize - b.rawSize
  );
}
