import { Trail } from '../../base/trail.js';
import { unwrapKernel } from '../../kernel-file/unwrap.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readKernel } from '../files/member-path.js';

/**
 * Reads a kernel file and extracts the Image, for QEMU.
 *
 * @throws KexecError as {@link unwrapKernel}; the system's errno if the file cannot be read
 */
export async function readImage(path: string): Promise<Uint8Array> {
  const { bytes, member } = readKernel(path);
  const opening = { decompress: nodeDecompress, hashes: nodeHashes, member: { name: member } };
  return (await unwrapKernel(bytes, opening, new Trail())).image;
}
