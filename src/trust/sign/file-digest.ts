import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { alignToEntry, requireEditable } from '../../formats/pe/edit.js';
import type { PeFile } from '../../formats/pe/parse.js';
import type { Hashes, HashName } from '../hashes.js';
import { type DigestLayout, digestAuthenticode } from '../pe/authenticode.js';

/**
 * The digest of a PE file as it is once it is signed: without its certificate table, or, if it has none yet, filled up
 * with zeros to where that begins.
 *
 * @throws KexecError `ELIBBAD`, `pe-contents`; `EINVAL`, `sign-layout`: the kernel would read another certificate table
 *   or other sections than are here; `ENOPKG`, `pkcs7-algorithm`, for a digest that is not to be had.
 */
export function computeFileDigest(
  file: Uint8Array,
  pe: PeFile,
  hashName: HashName,
  hashes: Hashes,
): Uint8Array {
  const hash = hashes(hashName);
  if (hash === undefined) {
    refuse('pkcs7-algorithm', 'ENOPKG', `${hashName} is not to be had`);
  }
  digestAuthenticode(file, layoutOf(file, pe), hash);
  if (pe.certificateTable === undefined) hash.update(new Uint8Array(alignToEntry(file.length) - file.length));
  return hash.digest();
}

/** Whether there are bytes between headers and sections that are in neither. The digest leaves them out. */
export function hasGaps(pe: PeFile): boolean {
  const sections = pe.sections.filter(({ raw }) => raw.start < raw.end);
  const end = Math.max(pe.sizeOfHeaders, ...sections.map(({ raw }) => raw.end));
  return sections.reduce((sum, { raw }) => sum + raw.end - raw.start, pe.sizeOfHeaders) !== end;
}

function layoutOf(file: Uint8Array, pe: PeFile): DigestLayout {
  const certificateEntryOffset = requireEditable(file, pe);
  if (pe.sectionTable.start !== pe.directoryTable.end) {
    refuse(
      'sign-layout',
      'EINVAL',
      `PE file: section headers at ${hex(pe.sectionTable.start)}; the kernel reads them at ${hex(pe.directoryTable.end)}`,
    );
  }
  const { start, end } = pe.certificateTable ?? { start: 0, end: 0 };
  return {
    checkSumOffset: pe.checkSumOffset,
    certificateEntryOffset,
    headerSize: pe.sizeOfHeaders,
    certificatesSize: end - start,
    sections: pe.sections.map(({ name, virtualAddress, virtualSize, raw }) => ({
      name,
      virtualAddress,
      virtualSize,
      rawOffset: raw.start,
      rawSize: raw.end - raw.start,
    })),
  };
}
