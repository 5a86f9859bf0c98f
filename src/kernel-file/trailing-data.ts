import { encodeU32le, equalBytes } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { formatSize } from '../base/sizes.js';
import { type Compression, isCutMagic } from '../formats/compression/compression-names.js';
import { describeFile, nameFile } from '../formats/foreign/name-file.js';
import { describeTrees, findAppendedTrees } from './appended-trees.js';

/**
 * Formats whose own tools ignore what follows the compressed data, with a warning. The tools of the others refuse it.
 */
const WARNING_TOOLS: readonly Compression[] = ['gzip', 'bzip2', 'lzo'];

/** What follows compressed data. */
export interface TrailingData {
  readonly deviceTrees: readonly Uint8Array[];
  /** Remarks for the user. */
  readonly notes: readonly string[];
}

const NOTHING: TrailingData = { deviceTrees: [], notes: [] };

/**
 * Examines what follows compressed data, by the rules of the format's own tool. Boot loaders look for device trees
 * there, so they are accepted after every format; and so is the size that kernel builds append.
 *
 * @param file - the compressed file
 * @param end - the end of the compressed data in it
 * @param size - of the decompressed data
 * @throws KexecError `EBADMSG`, check `compressed-data`, for what the tool refuses.
 */
export function examineTrailingData(
  file: Uint8Array,
  {
    compression,
    end,
    size,
  }: { readonly compression: Compression; readonly end: number; readonly size: number },
): TrailingData {
  const rest = file.subarray(end);
  if (rest.length === 0 || equalBytes(rest, encodeU32le(size))) return NOTHING;
  const follows = `${formatSize(BigInt(rest.length))} follow the ${compression} data`;
  const padding = rest.findIndex((byte) => byte !== 0);
  const contents = rest.subarray(padding < 0 ? rest.length : padding);
  const deviceTrees = findAppendedTrees(contents, 0);
  if (deviceTrees[0]?.byteOffset === contents.byteOffset) {
    const trees = describeTrees(deviceTrees);
    return { deviceTrees, notes: [`${follows}: ${trees}, not used: the next kernel gets the machine's own`] };
  }
  if (!WARNING_TOOLS.includes(compression) || isCutMagic(rest, compression)) {
    const seen = contents.length === 0 ? 'zeros' : `it ${describeFile(contents)}`;
    refuse(
      'compressed-data',
      'EBADMSG',
      `${compression}: ${follows}, which is no further part of it: ${seen}`,
      {
        offset: end,
        cure: `the file is damaged, or has something behind it: head -c ${end} FILE cuts that off, if it is not needed`,
      },
    );
  }
  if (contents.length === 0) return NOTHING;
  const named = nameFile(contents);
  const what = named?.name ?? `it ${describeFile(contents)}`;
  return { deviceTrees: [], notes: [`${follows} and are ignored, as by its own tool: ${what}`] };
}
