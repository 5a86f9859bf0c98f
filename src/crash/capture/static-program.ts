import { BoundedBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { ET_DYN, ET_EXEC } from '../../formats/elf/format.js';
import { checkElfHeader } from '../../formats/elf/header.js';
import { readProgramHeaders } from '../../formats/elf/program-headers.js';

/** `p_type`: names the program that loads shared libraries. */
const PT_INTERP = 3;

/**
 * Checks that a program is for a CPU and needs no shared libraries.
 *
 * @param what - the name of the program in errors: its path
 * @param elfMachine - `e_machine` of the CPU
 * @throws KexecError `ENOEXEC`, check `capture-busybox`.
 */
export function checkStaticProgram(what: string, bytes: Uint8Array, elfMachine: number): void {
  const file = new BoundedBytes(bytes, { what, check: 'capture-busybox', errno: 'ENOEXEC' });
  checkElfHeader(file, file.u16le(16) === ET_DYN ? ET_DYN : ET_EXEC, elfMachine);
  if (readProgramHeaders(file).every(({ type }) => type !== PT_INTERP)) return;
  refuse('capture-busybox', 'ENOEXEC', `${what} is linked dynamically`);
}
