import { hasMagic } from '../../formats/magics.js';
import type { SignedPart } from '../../kernel-file/signed-part.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import type { KernelInput } from '../files/member-path.js';

/**
 * Takes the part of a kernel file that can have a signature, for all commands about signatures. A PE file is that part
 * itself: what takes other files apart is loaded only for those, and decompressors only for a file that needs one.
 *
 * @throws KexecError, as `findSignedPart()`.
 */
export async function readSignedPart({ bytes, member }: KernelInput): Promise<SignedPart> {
  if (hasMagic(bytes, 'mz') && member === undefined) return { bytes, within: [] };
  const { findSignedPart, isWrapped } = await import('../../kernel-file/signed-part.js');
  if (!isWrapped(bytes) && member === undefined) return { bytes, within: [] };
  const { nodeDecompress } = await import('../codecs/node-decompress.js');
  return findSignedPart(bytes, { decompress: nodeDecompress, hashes: nodeHashes, member: { name: member } });
}

/**
 * Takes the part of a kernel file whose signature a load verifies: as {@link readSignedPart}, and of a zboot image
 * without a signature, the kernel in it if that is signed.
 *
 * @throws KexecError, as `findSignedPart()`.
 */
export async function readVerifiedPart(input: KernelInput): Promise<SignedPart> {
  const part = await readSignedPart(input);
  if (!hasMagic(part.bytes, 'zboot')) return part;
  const { nodeDecompress } = await import('../codecs/node-decompress.js');
  const { openUnsignedZboot } = await import('../../kernel-file/signed-part.js');
  return openUnsignedZboot(part, { decompress: nodeDecompress, hashes: nodeHashes });
}
