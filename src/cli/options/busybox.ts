import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import {
  checkStaticProgram,
  findProgramArchitecture,
  type ProgramArchitecture,
} from '../../crash/capture/static-program.js';
import { readFile } from '../../node/files/read-file.js';

/** Paths of Debian's package busybox-static. */
const INSTALLED = ['/bin/busybox', '/usr/bin/busybox'];

/** Help text of `--busybox`. @param cpu - whose programs it must be one of */
export function describeBusybox(cpu: string): string {
  return `a static busybox for ${cpu}, as in Debian's busybox-static (default: ${INSTALLED[0]}, if it is one)`;
}

/**
 * Reads the busybox for an initrd.
 *
 * @param path - undefined for the installed one
 * @param elfMachine - `e_machine` of the CPU that it must be for
 * @throws KexecError check `capture-busybox`, if there is none, or the file is no static busybox.
 */
export function readBusybox(path: string | undefined, elfMachine: number): Uint8Array {
  const found = findBusybox(path);
  const bytes = readFile(found);
  checkStaticProgram(found, bytes, elfMachine);
  return bytes;
}

/**
 * Reads a busybox that decides for which architecture an initrd is.
 *
 * @throws KexecError as {@link readBusybox}; check `capture-busybox`, if it is for another architecture.
 */
export function readAnyBusybox(
  path: string | undefined,
): ProgramArchitecture & { readonly bytes: Uint8Array } {
  const found = findBusybox(path);
  const bytes = readFile(found);
  const { architecture, elfMachine } = findProgramArchitecture(found, bytes);
  checkStaticProgram(found, bytes, elfMachine);
  return { architecture, elfMachine, bytes };
}

function findBusybox(path: string | undefined): string {
  const found = path ?? INSTALLED.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  return refuse('capture-busybox', 'ENOENT', `there is no ${INSTALLED[0]}; give a busybox with --busybox`);
}
