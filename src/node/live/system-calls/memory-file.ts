import { closeSync, writeSync } from 'node:fs';
import type { ErrnoMeanings } from '../../../kexec/call-errnos.js';
import { toAccessError } from '../../files/access-error.js';
import { buildCallError } from './call-error.js';
import { openLibc } from './libc.js';

/** `MFD_CLOEXEC`. */
const CLOSE_ON_EXEC = 1;

/** A file in memory. */
export interface MemoryFile {
  readonly descriptor: number;
  close(): void;
}

/**
 * Creates a file in memory, by memfd_create(2). It has no path and disappears once it is closed. The kernel accepts it,
 * although a file that was opened for writing gives ETXTBSY.
 *
 * @param name - the name that /proc shows
 * @throws KexecError check `kexec-file-load`, `file-access`; `live-platform` on other systems than Linux on arm64 and x86_64.
 */
export async function openMemoryFile(name: string, bytes: Uint8Array): Promise<MemoryFile> {
  const { call } = await openLibc();
  const descriptor = call('memfd_create', ['const char *', 'unsigned int'], [name, CLOSE_ON_EXEC]);
  if (descriptor < 0) {
    const text = `memfd_create("${name}", flags=0x1)`;
    throw buildCallError({ check: 'kexec-file-load', text, meanings: MEANINGS }, -descriptor);
  }
  const close = (): void => closeSync(descriptor);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  } catch (cause) {
    close();
    throw toAccessError(`cannot write the ${name} into memory`, cause);
  }
  return { descriptor, close };
}

const MEANINGS: ErrnoMeanings = {
  ENOMEM: 'not enough memory for another file',
  ENOSYS: 'a seccomp filter hides the call',
};
