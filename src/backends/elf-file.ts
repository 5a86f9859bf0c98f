import { writeFile } from '../host/files.js';
import type { Kimage } from '../kimage/kimage.js';
import { elfFile } from './elf-image.js';

/** Writes {@link elfFile} to a path. @param inputs as for {@link writeFile}. @throws KexecError as writeFile. */
export async function writeElfFile(kimage: Kimage, path: string, inputs: readonly string[]): Promise<void> {
  await writeFile(path, elfFile(kimage), inputs);
}
