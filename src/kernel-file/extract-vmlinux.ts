import { findPayload } from '../formats/bzimage/payload.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { Budget, expand } from './expand.js';

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
