import { BoundedBytes } from '../../base/bytes.js';
import { ELFCLASS64, ELFDATA2LSB, EM_X86_64, ET_EXEC, PT_LOAD } from './format.js';
import { checkElfHeader } from './header.js';
import { type ProgramHeader, readProgramHeaders } from './program-headers.js';
import { isExecutable } from './vmlinux.js';

/** A vmlinux for x86_64: what a bzImage has as its payload. */
export interface X86Vmlinux {
  /** The physical address of its entry. */
  readonly entry: bigint;
  readonly loads: readonly ProgramHeader[];
}

/** Whether a file claims, by its header, to be an executable for x86_64. */
export function isX86Vmlinux(bytes: Uint8Array): boolean {
  return (
    isExecutable(bytes) &&
    bytes[4] === ELFCLASS64 &&
    bytes[5] === ELFDATA2LSB &&
    bytes[18] === EM_X86_64 &&
    bytes[19] === 0
  );
}

/**
 * Parses the headers of a vmlinux for x86_64.
 *
 * @throws KexecError `ENOEXEC`, check `vmlinux`.
 */
export function parseX86Vmlinux(file: Uint8Array): X86Vmlinux {
  const elf = new BoundedBytes(file, { what: 'vmlinux', check: 'vmlinux', errno: 'ENOEXEC' });
  checkElfHeader(elf, ET_EXEC, EM_X86_64);
  const loads = readProgramHeaders(elf).filter(({ type }) => type === PT_LOAD);
  for (const { offset, fileSize } of loads) elf.slice(offset, fileSize, 'a PT_LOAD');
  return { entry: elf.u64le(24), loads };
}
