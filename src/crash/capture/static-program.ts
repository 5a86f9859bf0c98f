import { BoundedBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { ET_DYN, ET_EXEC } from '../../formats/elf/format.js';
import { checkElfHeader } from '../../formats/elf/header.js';
import { readProgramHeaders } from '../../formats/elf/program-headers.js';
import { hasMagic } from '../../formats/magics.js';
import { CORE_RULES } from '../../machine/architectures.js';

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

/** An architecture whose programs run in a capture kernel. */
export interface ProgramArchitecture {
  /** The kernel's name for it. */
  readonly architecture: string;
  /** `e_machine`. */
  readonly elfMachine: number;
}

/**
 * Finds the architecture that a program is for.
 *
 * @param what - the name of the program in errors: its path
 * @throws KexecError `ENOEXEC`, check `capture-busybox`, if it is for none whose crashes are captured.
 */
export function findProgramArchitecture(what: string, bytes: Uint8Array): ProgramArchitecture {
  const file = new BoundedBytes(bytes, { what, check: 'capture-busybox', errno: 'ENOEXEC' });
  const elfMachine = hasMagic(bytes, 'elf') ? file.u16le(18) : undefined;
  const found = CORE_RULES.find((rules) => rules.elfMachine === elfMachine);
  if (found !== undefined) return found;
  const names = CORE_RULES.map(({ architecture }) => architecture).join(' and ');
  const kind = elfMachine === undefined ? 'no ELF file' : `for a CPU whose e_machine is ${elfMachine}`;
  return refuse('capture-busybox', 'ENOEXEC', `${what} is ${kind}; capture kernels are those of ${names}`);
}
