import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { parseImageHeader } from '../formats/arm64-image.js';
import type { Compression } from '../formats/compression/compression-names.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { describeFile, nameFile } from '../formats/foreign/name-file.js';
import { describeUnpacking } from '../formats/foreign-dumps.js';
import { detectKernelFileKind } from './kernel-file-kinds.js';
import { examineTrailingData, type TrailingData } from './trailing-data.js';

/**
 * Bound for the output of all decompression while one file is unwrapped, in bytes. Kernels have a sixth of it, a
 * vmlinux with debug information nearly all.
 */
const MAX_UNWRAPPED_BYTES = 192 << 20;

/** Enough bytes to detect the kind of the contents, and to read the size of an Image. */
const HEAD_BYTES = 4096;

/** The bytes that may still be decompressed. */
export class Budget {
  left = MAX_UNWRAPPED_BYTES;
}

/** The contents of a compressed file, and what follows them. */
export interface Expanded extends TrailingData {
  readonly contents: Uint8Array;
}

/**
 * Decompresses a kernel file: first only its start, which shows whether it is a kernel file, and of which size an Image
 * is at most; then all of it, up to that size.
 *
 * @param members - `first` for what is decompressed by a decoder that ends at the first member
 * @throws KexecError `ENOEXEC`, check `kernel-file`; `EBADMSG`, check `compressed-data`; `EFBIG`, check
 *   `unwrapped-size`.
 */
export async function expand(
  bytes: Uint8Array,
  compression: Compression,
  decompress: Decompress,
  budget: Budget,
  members: 'first' | 'all' = 'all',
): Promise<Expanded> {
  const decompressor = await decompress(compression);
  if (decompressor === undefined) {
    refuse('kernel-file', 'ENOEXEC', `no decompressor for ${compression} is available here`);
  }
  const head = await decompressor(bytes, { limit: Math.min(HEAD_BYTES, budget.left), atLimit: 'stop' });
  const limit = findSizeLimit(head, compression, budget);
  let end: number | undefined;
  const onEnd = (at: number): void => {
    end = at;
  };
  const contents = await decompressor(bytes, { limit, atLimit: 'refuse', members, onEnd });
  budget.left -= contents.length;
  // A decompressor of the caller's may not report its end.
  const trailing =
    end === undefined ? undefined : examineTrailingData(bytes, { compression, end, size: contents.length });
  return { contents, deviceTrees: trailing?.deviceTrees ?? [], notes: trailing?.notes ?? [] };
}

/** The most bytes that the contents may have: an Image, its size in memory; other contents, the rest of the budget. */
function findSizeLimit(head: Uint8Array, compression: Compression, { left }: Budget): number {
  const kind = detectKernelFileKind(head);
  if (kind === undefined) {
    const named = nameFile(head);
    const cure = named && `unpack it (${describeUnpacking(compression)}), and then: ${named.cure}`;
    const seen = `what ${compression} compressed ${describeFile(head)}: no kernel file`;
    refuse('kernel-file', 'ENOEXEC', seen, { cure });
  }
  const imageSize = kind === 'image' ? parseImageHeader(head).imageSize : 0n;
  if (imageSize > BigInt(left)) {
    refuse('unwrapped-size', 'EFBIG', `the Image has ${imageSize} bytes (${hex(imageSize)}) by its header`);
  }
  return imageSize === 0n ? left : Number(imageSize);
}
