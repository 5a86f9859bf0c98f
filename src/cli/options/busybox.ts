import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { checkStaticProgram } from '../../crash/capture/static-program.js';
import { readFile } from '../../node/files/read-file.js';

/** Where Debian's package busybox-static has it. */
const INSTALLED = ['/bin/busybox', '/usr/bin/busybox'];

/** What `--busybox` says of itself. */
export const BUSYBOX_TEXT = `a busybox for arm64, linked statically (default: ${INSTALLED[0]}, if it is one)`;

/**
 * The busybox that an initrd runs on.
 *
 * @param path - if none is given, the one that is installed
 * @throws KexecError check `capture-busybox`, if it is none, or there is none.
 */
export function readBusybox(path: string | undefined): Uint8Array {
  const found = path ?? INSTALLED.find((one) => existsSync(one));
  if (found === undefined) {
    refuse('capture-busybox', 'ENOENT', `there is no ${INSTALLED[0]} here; give one by --busybox`);
  }
  const bytes = readFile(found);
  checkStaticProgram(found, bytes);
  return bytes;
}
