import { describeStart } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { parseImageHeader } from '../formats/arm64-image.js';
import type { Compression } from '../formats/compression/compression-names.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { detectKernelFileKind } from './kernel-file-kinds.js';

/**
 * All that is decompressed while one file is unwrapped is at most this much, in bytes: kernels
 * have a sixth of it, a vmlinux with debug information nearly all, and whatever a file holds has to fit in 300 MiB.
 */
const UNWRAPPED_SIZE_MAX = 192 << 20;

/** Enough to tell what is in there, and how large an Image says it is. */
const HEAD = 4096;

/** How much may still be decompressed. */
export class Budget {
  left = UNWRAPPED_SIZE_MAX;
}

/**
 * Decompresses a kernel file. First its start alone: what is no kernel file is refused there, and an Image says how many
 * bytes it has at most. Then all of it, up to that.
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
    refuse('kernel-file', 'ENOEXEC', `it is compressed by ${compression}, which cannot be decompressed here`);
  }
  const head = await decompressor(bytes, { limit: Math.min(HEAD, budget.left), atLimit: 'stop' });
  const limit = sizeLimit(head, compression, budget);
  const whole = await decompressor(bytes, { limit, atLimit: 'refuse' });
  budget.left -= whole.length;
  return whole;
}

/** An Image has no more bytes than it takes in memory; what else can be in there may take what is left. */
function sizeLimit(head: Uint8Array, compression: Compression, { left }: Budget): number {
  const kind = detectKernelFileKind(head);
  if (kind === undefined) {
    refuse('kernel-file', 'ENOEXEC', `what ${compression} compressed ${describeStart(head)}: no kernel file`);
  }
  const imageSize = kind === 'image' ? parseImageHeader(head).imageSize : 0n;
  if (imageSize > BigInt(left)) {
    refuse('unwrapped-size', 'EFBIG', `the Image says that it takes ${hex(imageSize)} bytes`);
  }
  return imageSize === 0n ? left : Number(imageSize);
}
