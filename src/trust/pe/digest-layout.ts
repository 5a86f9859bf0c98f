import type { PeFile } from '../../formats/pe/parse.js';
import type { DigestLayout } from './authenticode.js';

/**
 * The places of a parsed PE file that its digest covers or omits.
 *
 * @param certificateEntryOffset - of the data directory for certificates, which the file has
 */
export function findDigestLayout(pe: PeFile, certificateEntryOffset: number): DigestLayout {
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
