import type { Kimage } from '../../kexec/kimage.js';
import { buildKimageElf } from '../../kexec/kimage-elf.js';
import type { OutputOptions } from './outputs.js';
import { writeFile } from './write-file.js';

/**
 * Writes a kimage as one ELF file. An existing file is refused unless `options.overwrite` is set, and then replaced.
 *
 * @returns how many bytes were written
 * @throws KexecError, as {@link writeFile}.
 */
export async function writeElfFile(
  kimage: Kimage,
  path: string,
  options: OutputOptions = {},
): Promise<number> {
  return writeFile(path, buildKimageElf(kimage), options);
}
