import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { checkStaticProgram } from '../../crash/capture/static-program.js';
import { EM_AARCH64 } from '../../formats/elf/format.js';
import { readFile } from '../../node/files/read-file.js';

/** Paths of Debian's package busybox-static. */
const INSTALLED = ['/bin/busybox', '/usr/bin/busybox'];

/** Help text of `--busybox`. @param cpu - whose programs it must be one of */
export function describeBusybox(cpu = 'arm64'): string {
  return `a static busybox for ${cpu}, as in Debian's busybox-static (default: ${INSTALLED[0]}, if it is one)`;
}

/**
 * Reads the busybox for an initrd.
 *
 * @param path - undefined for the installed one
 * @param elfMachine - `e_machine` of the CPU that it must be for; arm64's if left out
 * @throws KexecError check `capture-busybox`, if there is none, or the file is no static busybox.
 */
export function readBusybox(path: string | undefined, elfMachine = EM_AARCH64): Uint8Array {
  const found = path ?? INSTALLED.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    refuse('capture-busybox', 'ENOENT', `there is no ${INSTALLED[0]}; give a busybox with --busybox`);
  }
  const bytes = readFile(found);
  checkStaticProgram(found, bytes, elfMachine);
  return bytes;
}
