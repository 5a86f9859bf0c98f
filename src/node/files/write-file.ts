import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toAccessError } from './access-error.js';
import { refuseBinaryOnTerminal } from './binary-output.js';
import { type Destination, findDestination } from './destination.js';
import { giveName } from './give-name.js';
import { type OutputOptions, refuseExisting, refuseInputs } from './outputs.js';
import { getStandardStream } from './standard-descriptors.js';
import { removeTemporary, trackTemporary } from './temporaries.js';

/** What one write(2) may ask for, in bytes: Linux writes at most this, less a page. */
const MAX_WRITE_BYTES = 1 << 30;

/** The mode of a file that only its owner reads. */
export const PRIVATE = 0o600;
/** The mode of other new files, of which open(2) takes the umask. */
export const SHARED = 0o666;

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface WriteOptions extends OutputOptions {
  /** Whether only the owner may read the file, if it is new: its mode is 0600. */
  readonly isPrivate?: boolean | undefined;
}

/**
 * Writes a file under a temporary name beside it, which it loses when it is complete: a reader sees the old file or the
 * new one, and nothing else is left, whatever ends the process. An existing file is refused, also one that is created
 * in the meantime, unless it is to be replaced; then a symbolic link is followed. A pipe, a device or a descriptor (`-`
 * is standard output) is written to directly.
 *
 * @returns how many bytes were written
 * @throws KexecError `file-access`: `EEXIST` if the path is one of the inputs, or a file that is not to be replaced; or
 *   the system's errno.
 */
export async function writeFile(
  path: string,
  chunks: Chunks,
  { inputs = [], overwrite = false, isPrivate = false }: WriteOptions = {},
): Promise<number> {
  refuseInputs(path, inputs);
  if (!overwrite) refuseExisting(path);
  const destination = findDestination(path);
  try {
    if (destination.kind === 'descriptor') return await writeDescriptor(destination, path, chunks);
    if (destination.kind === 'stream') return await writeStream(path, constants.O_WRONLY, chunks);
    // What replaces a private file is private from its first byte on.
    const mode = isPrivate || destination.status !== undefined ? PRIVATE : SHARED;
    return await writeThenName(destination.path, chunks, { mode, overwrite });
  } catch (cause) {
    throw toAccessError(`cannot write ${path}`, cause);
  }
}

async function writeDescriptor(
  { descriptor }: Destination & { kind: 'descriptor' },
  path: string,
  chunks: Chunks,
): Promise<number> {
  const stream = getStandardStream(descriptor);
  if (stream === undefined) return writeStream(path, constants.O_WRONLY | constants.O_APPEND, chunks);
  let size = 0;
  for await (const chunk of chunks) {
    if (size === 0) refuseBinaryOnTerminal(chunk, stream);
    await new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => (error == null ? resolve() : reject(error)));
    });
    size += chunk.length;
  }
  return size;
}

/** Opens without O_CREAT, which Linux refuses for a pipe of another user in a shared folder (`fs.protected_fifos`). */
async function writeStream(path: string, flags: number, chunks: Chunks): Promise<number> {
  return writeAndClose(await open(path, flags), chunks);
}

async function writeThenName(
  path: string,
  chunks: Chunks,
  { mode, overwrite }: { readonly mode: number; readonly overwrite: boolean },
): Promise<number> {
  const temporary = nameTemporary(path);
  trackTemporary(temporary);
  try {
    const file = await open(temporary, 'wx', mode);
    // Before it has the name: after a power cut, the name leads to the old file or to the whole new one.
    const size = await writeAndClose(file, chunks, () => file.datasync());
    giveName(temporary, path, { overwrite });
    return size;
  } finally {
    removeTemporary(temporary);
  }
}

/** The path of a hidden file beside another that no other process uses. */
export function nameTemporary(path: string): string {
  return join(dirname(path), `.kexec-file-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
}

/** @param finish - called after the last byte */
async function writeAndClose(
  file: FileHandle,
  chunks: Chunks,
  finish = async (): Promise<void> => {},
): Promise<number> {
  let size = 0;
  try {
    for await (const chunk of chunks) {
      await writeFully(file, chunk);
      size += chunk.length;
    }
    await finish();
    return size;
  } finally {
    await file.close();
  }
}

async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, Math.min(chunk.length - at, MAX_WRITE_BYTES));
    at += bytesWritten;
  }
}
