import type { Kimage } from '../../kexec/kimage.js';
import { buildKimageElf } from '../../kexec/kimage-elf.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import type { OutputOptions } from './outputs.js';
import { writeFile } from './write-file.js';

export interface ElfFileOptions extends OutputOptions {
  /** The machine that the kimage was planned for. Default: an arm64 machine. */
  readonly machine?: MachineFacts | undefined;
}

/**
 * Writes a kimage as one ELF file. An existing file is refused unless `options.overwrite` is set, and then replaced.
 *
 * @returns how many bytes were written
 * @throws KexecError, as {@link writeFile} and {@link buildKimageElf}.
 */
export async function writeElfFile(
  kimage: Kimage,
  path: string,
  { machine, ...options }: ElfFileOptions = {},
): Promise<number> {
  return writeFile(path, buildKimageElf(kimage, machine), options);
}
