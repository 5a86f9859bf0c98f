import { attempt, KexecError } from '../base/error.js';
import { formatSize } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import { IMAGE_HEADER_SIZE } from '../formats/arm64-image.js';
import { describeFile, nameFile } from '../formats/foreign/name-file.js';
import { parsePe } from '../formats/pe/parse.js';
import { describeTrees, findAppendedTrees } from './appended-trees.js';

/** What was appended to an Image. */
export interface Appendix {
  /** The offset of its first byte. */
  readonly start: number;
  readonly deviceTrees: readonly Uint8Array[];
  /** A remark for the user. */
  readonly note: string;
}

/**
 * Finds what was appended to an Image: device trees, as in `Image-dtb`, or other bytes behind the sections of its PE file. The
 * kernel's loader copies them behind the Image, where nothing reads them.
 *
 * @returns undefined if there is nothing, or only zeros
 */
export function findAppended(image: Uint8Array): Appendix | undefined {
  const peEnd = findPeEnd(image);
  const deviceTrees = findAppendedTrees(image, peEnd ?? IMAGE_HEADER_SIZE);
  const [first] = deviceTrees;
  if (first !== undefined) {
    const start = first.byteOffset - image.byteOffset;
    const size = formatSize(BigInt(image.length - start));
    return {
      start,
      deviceTrees,
      note: `${describeTrees(deviceTrees)} (${size} at ${hex(start)}) was appended to the Image; it is not used: the next kernel gets the machine's own`,
    };
  }
  if (peEnd === undefined) return undefined;
  const offset = image.subarray(peEnd).findIndex((byte) => byte !== 0);
  if (offset < 0) return undefined;
  const start = peEnd + offset;
  const rest = image.subarray(start);
  const what = nameFile(rest)?.name ?? `data that ${describeFile(rest)}`;
  const note = `${formatSize(BigInt(rest.length))} at ${hex(start)} follow the sections of the Image, and are not used: ${what}`;
  return { start, deviceTrees: [], note };
}

/** The end of all sections and certificates of an Image that is a well-formed PE file. */
function findPeEnd(image: Uint8Array): number | undefined {
  const pe = attempt(() => parsePe(image));
  if (pe instanceof KexecError) return undefined;
  const ends = [...pe.sections.map(({ raw }) => raw), ...pe.certificates.map(({ range }) => range)].map(
    ({ end }) => end,
  );
  return Math.min(Math.max(pe.sizeOfHeaders, ...ends), image.length);
}
