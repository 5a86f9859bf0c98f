import { findPayload } from '../formats/bzimage/payload.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { Budget, expand } from './expand.js';

/** Of the kernels of distributions, code and constants are in less. */
const START_BYTES = 32 << 20;

/**
 * Extracts the kernel proper out of a bzImage: its vmlinux, behind which the kernel's build has put its relocations.
 *
 * @returns an ELF file; shared with the bzImage if that is not compressed
 * @throws KexecError as {@link findPayload} and {@link expand}.
 */
export async function extractVmlinux(bzimage: Uint8Array, decompress: Decompress): Promise<Uint8Array> {
  const { compression, bytes } = findPayload(bzimage);
  if (compression === undefined) return bytes;
  // The stub decompresses one member, and knows what follows it.
  const { contents } = await expand(bytes, compression, decompress, new Budget(), 'first');
  return contents;
}

/**
 * Extracts the start of the vmlinux in a bzImage, where its code and its constants are, which takes less time than all of it.
 *
 * @returns undefined if all of it takes no more time: it is not compressed, or no decompressor for it is available
 * @throws KexecError as {@link findPayload}; `EBADMSG`, check `compressed-data`.
 */
export async function extractVmlinuxStart(
  bzimage: Uint8Array,
  decompress: Decompress,
): Promise<Uint8Array | undefined> {
  const { compression, bytes } = findPayload(bzimage);
  if (compression === undefined) return undefined;
  const decompressor = await decompress(compression);
  return decompressor?.(bytes, { limit: START_BYTES, atLimit: 'stop' });
}
