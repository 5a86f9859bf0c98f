import { describeStart } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { parseImageHeader } from '../formats/arm64-image.js';
import type { Compression } from '../formats/compression/compression-names.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { detectKernelFileKind } from './kernel-file-kinds.js';

/**
 * Bound for the output of all decompression while one file is unwrapped, in bytes. Kernels have a sixth of it, a vmlinux
 * with debug information nearly all.
 */
const MAX_UNWRAPPED_BYTES = 192 << 20;

/** Enough bytes to detect the kind of the contents, and to read the size of an Image. */
const HEAD_BYTES = 4096;

/** The bytes that may still be decompressed. */
export class Budget {
  left = MAX_UNWRAPPED_BYTES;
}

/**
 * Decompresses a kernel file: first only its start, which shows whether it is a kernel file, and of which size an Image is at
 * most; then all of it, up to that size.
 *
 * @throws KexecError `ENOEXEC`, check `kernel-file`; `EBADMSG`, check `compressed-data`; `EFBIG`, check `unwrapped-size`.
 */
export async function expand(
  bytes: Uint8Array,
  compression: Compression,
  decompress: Decompress,
  budget: Budget,
): Promise<Uint8Array> {
  const decompressor = await decompress(compression);
  if (decompressor === undefined) {
    refuse('kernel-file', 'ENOEXEC', `no decompressor for ${compression} is available here`);
  }
  const head = await decompressor(bytes, { limit: Math.min(HEAD_BYTES, budget.left), atLimit: 'stop' });
  const limit = findSizeLimit(head, compression, budget);
  const whole = await decompressor(bytes, { limit, atLimit: 'refuse' });
  budget.left -= whole.length;
  return whole;
}

/** The most bytes that the contents may have: an Image, its size in memory; other contents, the rest of the budget. */
function findSizeLimit(head: Uint8Array, compression: Compression, { left }: Budget): number {
  const kind = detectKernelFileKind(head);
  if (kind === undefined) {
    refuse('kernel-file', 'ENOEXEC', `what ${compression} compressed ${describeStart(head)}: no kernel file`);
  }
  const imageSize = kind === 'image' ? parseImageHeader(head).imageSize : 0n;
  if (imageSize > BigInt(left)) {
    refuse('unwrapped-size', 'EFBIG', `the Image has ${imageSize} bytes (${hex(imageSize)}) by its header`);
  }
  return imageSize === 0n ? left : Number(imageSize);
}
