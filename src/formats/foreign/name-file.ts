import { describeStart } from '../../base/bytes.js';
import { type RefusalKind, refusalArguments, refuse } from '../../base/error.js';
import { detectCompression } from '../compression/compression-names.js';
import { FOREIGN_DUMP_BYTES, nameForeignDump } from '../foreign-dumps.js';
import { hasMagic, type MagicName } from '../magics.js';
import { FOREIGN_CONTAINERS } from './foreign-containers.js';
import { type ForeignFile, hasText } from './foreign-file.js';
import { FOREIGN_KERNELS, nameElf, namePe, nameX86Kernel } from './foreign-kernels.js';
import { nameDer, nameEfiList, namePem } from './foreign-keys.js';
import { FOREIGN_TEXTS, nameText, OTHER_INPUTS } from './foreign-texts.js';
import { READABLE_DUMPS } from './readable-dumps.js';

/** Kernels before containers: the boot sector of a bzImage is that of a disk, too. */
const KINDS = [
  ...FOREIGN_KERNELS,
  ...READABLE_DUMPS,
  ...FOREIGN_CONTAINERS,
  ...OTHER_INPUTS,
  ...FOREIGN_TEXTS,
];

/**
 * Names a file that is no kernel of arm64 and contains none, by its magic.
 *
 * @param bytes - the file; its first 36 KiB suffice for most kinds
 * @returns its name and what to do with it; undefined if its kind is unknown
 */
export function nameFile(bytes: Uint8Array): ForeignFile | undefined {
  return (
    nameX86Kernel(bytes) ??
    KINDS.find(({ matches }) => matches(bytes)) ??
    nameUnsignable(bytes) ??
    nameForeignDump(bytes.subarray(0, FOREIGN_DUMP_BYTES)) ??
    nameElf(bytes) ??
    namePe(bytes) ??
    nameEfiList(bytes) ??
    namePem(bytes) ??
    nameDer(bytes) ??
    nameText(bytes)
  );
}

/** Kernels for arm64, which other files than kernels are mistaken for. */
const KERNELS: readonly (readonly [magic: MagicName, name: string])[] = [
  ['zboot', 'a kernel (zboot image)'],
  ['image', 'a kernel (arm64 Image)'],
];

/** Names a file of any kind, for a command that takes no kernel there. @returns undefined if its kind is unknown */
export function nameAnyFile(bytes: Uint8Array): string | undefined {
  return KERNELS.find(([magic]) => hasMagic(bytes, magic))?.[1] ?? nameFile(bytes)?.name;
}

/** Names kernels, and files that contain one, that are no PE files: for what only takes a PE file. */
function nameUnsignable(bytes: Uint8Array): ForeignFile | undefined {
  const compression = detectCompression(bytes);
  if (compression !== undefined)
    return {
      name: `compressed by ${compression}`,
      cure: 'decompress it first, and compress the result again',
    };
  if (hasMagic(bytes, 'uimage'))
    return {
      name: 'a uImage of U-Boot',
      cure: 'take the kernel out (dumpimage -p 0), and build the uImage again',
    };
  if (hasText(bytes, 0, 'ANDROID!'))
    return { name: 'an Android boot image', cure: 'unpack_bootimg takes kernel and ramdisk out of it' };
  if (hasMagic(bytes, 'image') && !hasMagic(bytes, 'mz'))
    return {
      name: 'an arm64 Image without an EFI stub',
      cure: 'build the kernel with CONFIG_EFI=y: only then it is a PE file, which can be signed',
    };
  return undefined;
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
