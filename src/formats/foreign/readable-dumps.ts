import { type ForeignKind, kind } from './foreign-file.js';

const READ_DUMP = 'kexec-file vmcore info reads it; to load a kernel, give the kernel';

/** Dumps that are read elsewhere, given as a kernel. foreign-dumps.ts names those that are not read. */
export const READABLE_DUMPS: readonly ForeignKind[] = [
  kind('a compressed kdump file', READ_DUMP, [0, 'KDUMP   ']),
  kind('a flattened kdump file', READ_DUMP, [0, 'makedumpfile\0']),
];
