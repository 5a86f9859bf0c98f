import { openVmcore as openSource, type Vmcore } from '../../vmcore/open/open-vmcore.js';
import { nodeCodecs } from '../codecs/node-codecs.js';
import { openFileSource } from '../files/file-source.js';

/** A vmcore that is read piece by piece, for as long as it is open. */
export interface VmcoreFile extends Vmcore {
  /** Closes the file. Nothing can be read afterwards. */
  close(): void;
}

/**
 * Opens a vmcore of any size: an ELF vmcore, a dump that makedumpfile compressed, or either of them flattened.
 *
 * @param file - a path, or the bytes of a whole file
 * @param vmcoreinfo - the text of VMCOREINFO, if the dump's own is missing or incomplete
 * @returns the vmcore; `log()` reads the log of the kernel that crashed. The caller closes it.
 * @throws KexecError check `file-access`: the file cannot be read; `dump-kind`: it is not a vmcore; or the refusal of
 *   its format.
 */
export function openVmcore(file: string | Uint8Array, vmcoreinfo?: Uint8Array): VmcoreFile {
  if (typeof file !== 'string') return { ...openSource(file, nodeCodecs, vmcoreinfo), close: () => {} };
  const source = openFileSource(file);
  try {
    return { ...openSource(source, nodeCodecs, vmcoreinfo), close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

/**
 * Opens a vmcore for as long as something reads it.
 *
 * @throws KexecError as {@link openVmcore}, and as `read` does.
 */
export function withVmcore<Result>(
  path: string,
  read: (vmcore: Vmcore) => Result,
  vmcoreinfo?: Uint8Array,
): Result {
  const vmcore = openVmcore(path, vmcoreinfo);
  try {
    return read(vmcore);
  } finally {
    vmcore.close();
  }
}
