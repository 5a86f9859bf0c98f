import { findSignedPart, isWrapped, type SignedPart } from '../../kernel-file/signed-part.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import type { KernelInput } from '../files/member-path.js';

/**
 * Takes the part of a kernel file that can have a signature, for all commands about signatures. Decompressors are
 * loaded only for a file that needs one.
 *
 * @throws KexecError, as `findSignedPart()`.
 */
export async function readSignedPart({ bytes, member }: KernelInput): Promise<SignedPart> {
  if (!isWrapped(bytes) && member === undefined) return { bytes, within: [] };
  const { nodeDecompress } = await import('../codecs/node-decompress.js');
  return findSignedPart(bytes, { decompress: nodeDecompress, hashes: nodeHashes, member: { name: member } });
}
