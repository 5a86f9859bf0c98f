import { EM_X86_64 } from '../../../formats/elf/format.js';
import { parseElf } from '../../../formats/elf/object.js';
import { Purgatory } from '../../purgatory/purgatory.js';
import { applyRelocation } from './x86-relocations.js';

/**
 * Lays the purgatory of a kernel out.
 *
 * @param object - `kexec_purgatory` of that kernel
 * @throws KexecError `ENOEXEC` if it is no x86_64 ELF object, or takes more than 1 MiB; `EINVAL` if it has no
 *   `purgatory_start`.
 */
export function layOutPurgatory(object: Uint8Array): Purgatory {
  return new Purgatory(parseElf(object, EM_X86_64), { instructionAlignment: 1n, relocate: applyRelocation });
}
