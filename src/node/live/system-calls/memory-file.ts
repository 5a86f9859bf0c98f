import { closeSync, writeSync } from 'node:fs';
import type { ErrnoMeanings } from '../../../kexec/call-errnos.js';
import { toAccessError } from '../../files/access-error.js';
import { callError } from './call-error.js';
import { openLibc } from './libc.js';

/** `MFD_CLOEXEC`. */
const CLOSE_ON_EXEC = 1;

/** Bytes that the kernel can read as a file. */
export interface MemoryFile {
  readonly descriptor: number;
  close(): void;
}

/**
 * A file that is in memory, has no name, and is gone once it is closed, with these bytes: memfd_create(2). As nobody opened
 * it for writing, the kernel takes it where a file that is open for writing is ETXTBSY.
 *
 * @param name - what /proc shows
 * @throws KexecError check `kexec-file-load`, `file-access`; `live-platform` where there is no such call.
 */
export async function openMemoryFile(name: string, bytes: Uint8Array): Promise<MemoryFile> {
  const { call } = await openLibc();
  const descriptor = call('memfd_create', ['const char *', 'unsigned int'], [name, CLOSE_ON_EXEC]);
  if (descriptor < 0) {
    const text = `memfd_create("${name}", flags=0x1)`;
    throw callError({ check: 'kexec-file-load', text, meanings: MEANINGS }, -descriptor);
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
  ENOMEM: 'there is no memory for another file',
  ENOSYS: 'a seccomp filter hides the call',
};
