import { EM_X86_64 } from '../../../formats/elf/format.js';
import { type ElfObject, parseElf } from '../../../formats/elf/object.js';
import { type CodeRules, Purgatory } from '../../purgatory/purgatory.js';
import { decodePurgatoryObject } from './purgatory-object.js';
import { applyRelocation } from './x86-relocations.js';

const X86_64: CodeRules = { instructionAlignment: 1n, relocate: applyRelocation };

/**
 * Lays a purgatory out.
 *
 * @param object - an x86_64 ELF object: `kexec_purgatory` of a kernel, or what `decodePurgatoryObject()` gives
 * @throws KexecError `ENOEXEC` if it is no x86_64 ELF object, or takes more than 1 MiB; `EINVAL` if it has no
 *   `purgatory_start`.
 */
export function loadPurgatory(object: Uint8Array): Purgatory {
  return new Purgatory(parseElf(object, EM_X86_64), X86_64);
}

let ownObject: ElfObject | undefined;

/** Lays out this project's purgatory, whose object is parsed once. */
export function loadOwnPurgatory(): Purgatory {
  ownObject ??= parseElf(decodePurgatoryObject(), EM_X86_64);
  return new Purgatory(ownObject, X86_64);
}
