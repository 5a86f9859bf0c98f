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
 * Finds what was appended to an Image: device trees, as in `Image-dtb`, or other bytes behind the sections of its PE
 * file. The kernel's loader copies them behind the Image, where nothing reads them.
 *
 * @returns undefined if there is nothing, or only zeros
 */
export function findAppended(image: Uint8Array): Appendix | undefined {
  const peEnd = findPeEnd(image);
  if (peEnd !== undefined) return examineAppendix(image, peEnd, 'the Image');
  // Without a PE file, nothing says where the Image ends: only device trees up to the end of the file are recognised.
  const [first] = findAppendedTrees(image, IMAGE_HEADER_SIZE);
  return first && examineAppendix(image, first.byteOffset - image.byteOffset, 'the Image');
}

/**
 * Examines what follows the contents of a file.
 *
 * @param end - the end of the contents, in bytes
 * @param name - of the contents, for the remark
 * @returns undefined if there is nothing, or only zeros
 */
export function examineAppendix(file: Uint8Array, end: number, name: string): Appendix | undefined {
  const padding = file.subarray(end).findIndex((byte) => byte !== 0);
  if (padding < 0) return undefined;
  const deviceTrees = findAppendedTrees(file, end);
  const [first] = deviceTrees;
  const start = first === undefined ? end + padding : first.byteOffset - file.byteOffset;
  const rest = file.subarray(start);
  const place = `${formatSize(BigInt(rest.length))} at ${hex(start)}`;
  if (first !== undefined) {
    const trees = describeTrees(deviceTrees);
    const note = `${trees} (${place}) was appended to ${name}; it is not used: the next kernel gets the machine's own`;
    return { start, deviceTrees, note };
  }
  const what = nameFile(rest)?.name ?? `data that ${describeFile(rest)}`;
  return { start, deviceTrees, note: `${place} follow ${name}, and are not used: ${what}` };
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
