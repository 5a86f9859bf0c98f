import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { Hash } from '../hashes.js';

/** A section, as far as the digest of its file goes. */
export interface DigestedSection {
  /** As strcmp() sees it: up to a NUL, be that behind the eight bytes that a name has. */
  readonly name: string;
  readonly virtualSize: number;
  readonly virtualAddress: number;
  readonly rawSize: number;
  readonly rawOffset: number;
}

/** Where the parts of a PE file lie that its digest covers or leaves out. Offsets and sizes in bytes. */
export interface DigestLayout {
  /** CheckSum, 4 bytes that are left out. */
  readonly checkSumOffset: number;
  /** The certificate table's data directory, 8 bytes that are left out. */
  readonly certificateEntryOffset: number;
  /** SizeOfHeaders. */
  readonly headerSize: number;
  /** Bytes of the certificate table, which is left out; 0 before there is one. */
  readonly certificatesSize: number;
  /** In any order. */
  readonly sections: readonly DigestedSection[];
}

const CHECK_SUM_SIZE = 4;
const DIRECTORY_SIZE = 8;

/** Sections may overlap, for the kernel; they are not hashed for longer than so many times the file takes. */
const REPETITIONS = 8;

/**
 * Feeds a digest with what an Authenticode signature covers: the headers, the sections in the order of their bytes in
 * the file, then what is left of it less the size of the certificate table. What is left begins where headers and
 * sections would end if there were no gaps, and the table is taken to be last, wherever it is: the rule of "Windows
 * Authenticode Portable Executable Signature Format", and of `pefile_digest_pe_contents()`.
 *
 * The kernel looks at no bound before it reads. What would send it out of its buffer is refused here: a file without
 * sections, headers that end before the certificate table's directory, a section that leaves the file. So is a section
 * table that has the file hashed more than 8 times over.
 *
 * @param file - the whole file; nothing of it is copied
 * @throws KexecError `ELIBBAD`: `pe-contents`.
 */
export function digestAuthenticode(file: Uint8Array, layout: DigestLayout, hash: Hash): void {
  const { checkSumOffset, certificateEntryOffset, headerSize, certificatesSize } = layout;
  const sections = sectionsInOrder(file, layout);
  const hashedBytes = sections.reduce((sum, { rawSize }) => sum + rawSize, headerSize);
  // The kernel counts in 32 bits.
  const end = hashedBytes % 2 ** 32;
  const trailing = file.length > end ? file.length - end - certificatesSize : 0;
  if (trailing < 0) {
    refuse(
      'pe-contents',
      'ELIBBAD',
      `PE file: headers and sections of ${hex(end)} bytes leave no room for a table of ${certificatesSize}`,
    );
  }

  hash.update(file.subarray(0, checkSumOffset));
  hash.update(file.subarray(checkSumOffset + CHECK_SUM_SIZE, certificateEntryOffset));
  hash.update(file.subarray(certificateEntryOffset + DIRECTORY_SIZE, headerSize));
  for (const { rawOffset, rawSize } of sections) hash.update(file.subarray(rawOffset, rawOffset + rawSize));
  if (trailing > 0) hash.update(file.subarray(end, end + trailing));
}

/** Those with bytes in the file, sorted as `pefile_compare_shdrs()` has them. */
function sectionsInOrder(
  file: Uint8Array,
  { sections, headerSize, certificateEntryOffset }: DigestLayout,
): DigestedSection[] {
  if (sections.length === 0)
    refuse('pe-contents', 'ELIBBAD', `PE file: no sections, for which the kernel faults`);
  if (headerSize > file.length || certificateEntryOffset + DIRECTORY_SIZE > headerSize) {
    refuse(
      'pe-contents',
      'ELIBBAD',
      `PE file: headers of ${hex(headerSize)} bytes, for which the kernel leaves its buffer`,
    );
  }
  const withBytes = sections.filter(({ rawSize }) => rawSize > 0);
  for (const { name, rawOffset, rawSize } of withBytes) {
    if (rawOffset + rawSize > file.length) {
      refuse(
        'pe-contents',
        'ELIBBAD',
        `PE file: section ${JSON.stringify(name)} of ${hex(rawSize)} bytes leaves the file, and the kernel its buffer`,
        { offset: rawOffset },
      );
    }
  }
  const total = withBytes.reduce((sum, { rawSize }) => sum + rawSize, 0);
  if (total > file.length * REPETITIONS) {
    refuse(
      'pe-contents',
      'ELIBBAD',
      `PE file: sections that overlap so that they take ${hex(total)} of the file's ${hex(file.length)} bytes`,
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
