import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { alignToEntry, requireEditable } from '../../formats/pe/edit.js';
import type { PeFile } from '../../formats/pe/parse.js';
import type { Hashes, HashName } from '../hashes.js';
import { type DigestLayout, digestAuthenticode } from '../pe/authenticode.js';
import { findDigestLayout } from '../pe/digest-layout.js';

/**
 * Computes the digest that a PE file will have when it is signed: without its certificate table, or, if it has none
 * yet, padded with zeros to where the table will begin.
 *
 * @throws KexecError `ELIBBAD`, `pe-contents`; `EINVAL`, `sign-layout`: the kernel would read another certificate table
 *   or other sections; `ENOPKG`, `pkcs7-algorithm`, for a digest that is unavailable.
 */
export function computeFileDigest(
  file: Uint8Array,
  pe: PeFile,
  hashName: HashName,
  hashes: Hashes,
): Uint8Array {
  const hash = hashes(hashName);
  if (hash === undefined) {
    refuse('pkcs7-algorithm', 'ENOPKG', `the digest ${hashName} is unavailable`);
  }
  digestAuthenticode(file, layoutOf(file, pe), hash);
  if (pe.certificateTable === undefined) hash.update(new Uint8Array(alignToEntry(file.length) - file.length));
  return hash.digest();
}

/** Whether there are gaps between headers and sections, whose bytes the digest omits. */
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
  return findDigestLayout(pe, certificateEntryOffset);
}
