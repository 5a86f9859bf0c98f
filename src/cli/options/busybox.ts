import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { checkStaticProgram } from '../../crash/capture/static-program.js';
import { readFile } from '../../node/files/read-file.js';

/** Paths of Debian's package busybox-static. */
const INSTALLED = ['/bin/busybox', '/usr/bin/busybox'];

/** Help text of `--busybox`. */
export const BUSYBOX_TEXT = `a static busybox for arm64, as in Debian's busybox-static (default: ${INSTALLED[0]}, if it is one)`;

/**
 * Reads the busybox for an initrd.
 *
 * @param path - undefined for the installed one
 * @throws KexecError check `capture-busybox`, if there is none, or the file is no static busybox.
 */
export function readBusybox(path: string | undefined): Uint8Array {
  const found = path ?? INSTALLED.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    refuse('capture-busybox', 'ENOENT', `there is no ${INSTALLED[0]}; give a busybox with --busybox`);
  }
  const bytes = readFile(found);
  checkStaticProgram(found, bytes);
  return bytes;
}
