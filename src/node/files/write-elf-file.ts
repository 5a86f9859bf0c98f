import type { Kimage } from '../../kexec/kimage.js';
import { elfFile } from '../../kexec/kimage-elf.js';
import { writeFile } from './files.js';

/** Writes {@link elfFile} to a path. @param inputs as for {@link writeFile}. @throws KexecError as writeFile. */
export async function writeElfFile(kimage: Kimage, path: string, inputs: readonly string[]): Promise<void> {
  await writeFile(path, elfFile(kimage), inputs);
}
