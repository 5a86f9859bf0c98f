import { type ElfObject, parseElf } from '../../../formats/elf/object.js';
import { type CodeRules, Purgatory } from '../../purgatory/purgatory.js';
import { decodePurgatoryObject } from './purgatory-object.js';
import { applyRelocation } from './relocate.js';

const AARCH64: CodeRules = { instructionAlignment: 4n, relocate: applyRelocation };

/**
 * Lays out purgatory.
 *
 * @param object - an AArch64 ELF object, such as `decodePurgatoryObject()` gives. Not modified; later changes to it
 *   have no effect.
 * @throws KexecError `ENOEXEC` if it is no such object, or takes more than 1 MiB; `EINVAL` if it has no
 *   `purgatory_start`.
 */
export function loadPurgatory(object: Uint8Array): Purgatory {
  return new Purgatory(parseElf(object), AARCH64);
}

let ownObject: ElfObject | undefined;

/** Lays out this project's purgatory, whose object is parsed once. */
export function loadOwnPurgatory(): Purgatory {
  ownObject ??= parseElf(decodePurgatoryObject());
  return new Purgatory(ownObject, AARCH64);
}
