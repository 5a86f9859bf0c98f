import type { Kimage } from '../../kexec/kimage.js';
import { buildKimageElf } from '../../kexec/kimage-elf.js';
import { writeFile } from './write-file.js';

/**
 * Writes a kimage as one ELF file.
 *
 * @param inputs - as for {@link writeFile}
 * @throws KexecError, as {@link writeFile}.
 */
export async function writeElfFile(kimage: Kimage, path: string, inputs: readonly string[]): Promise<void> {
  await writeFile(path, buildKimageElf(kimage), inputs);
}
