import { describeStart } from '../../base/bytes.js';
import { type RefusalKind, refusalArguments, refuse } from '../../base/error.js';
import { FOREIGN_CONTAINERS } from './foreign-containers.js';
import { FOREIGN_DUMPS } from './foreign-dumps.js';
import type { ForeignFile } from './foreign-file.js';
import { FOREIGN_KERNELS, nameElf, namePe } from './foreign-kernels.js';
import { nameDer, nameEfiList, namePem } from './foreign-keys.js';
import { FOREIGN_TEXTS, OTHER_INPUTS } from './foreign-texts.js';

/** Kernels before containers: the boot sector of a bzImage is that of a disk, too. */
const KINDS = [
  ...FOREIGN_KERNELS,
  ...FOREIGN_DUMPS,
  ...FOREIGN_CONTAINERS,
  ...OTHER_INPUTS,
  ...FOREIGN_TEXTS,
];

/**
 * Names a file that is no kernel for arm64 and contains none, by its magic.
 *
 * @param bytes - the file; its first 36 KiB suffice for most kinds
 * @returns its name and what to do with it; undefined if its kind is unknown
 */
export function nameFile(bytes: Uint8Array): ForeignFile | undefined {
  return (
    KINDS.find(({ matches }) => matches(bytes)) ??
    nameElf(bytes) ??
    namePe(bytes) ??
    nameEfiList(bytes) ??
    namePem(bytes) ??
    nameDer(bytes)
  );
}

/**
 * Refuses a file that is no PE file, by its name.
 *
 * @throws KexecError always.
 */
export function refuseNoPe(bytes: Uint8Array, kind: RefusalKind<'pe-header' | 'pe-signed'>): never {
  const named = nameFile(bytes);
  const name = named === undefined ? '' : `: the file is ${named.name}`;
  refuse(...refusalArguments(kind, `PE file: no "MZ"${name}`, { offset: 0, cure: named?.cure }));
}

/** Describes a file for errors: "is a qcow2 disk image", or "begins with [1f 8b …]". */
export function describeFile(bytes: Uint8Array): string {
  const named = nameFile(bytes);
  return named === undefined ? describeStart(bytes) : `is ${named.name}`;
}
