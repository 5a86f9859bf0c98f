import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, type Stats } from 'node:fs';
import { copyFile, type FileHandle, link, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refuse } from '../../base/error.js';
import { toAccessError } from './access-error.js';
import { type Destination, findDestination, isLink } from './destination.js';
import { refuseInputs } from './outputs.js';
import { getStandardStream } from './standard-descriptors.js';
import { forgetTemporary, removeTemporary, trackTemporary } from './temporaries.js';

/** What one write(2) may ask for, in bytes: Linux writes at most this, less a page. */
const MAX_WRITE_BYTES = 1 << 30;

/** The mode of a file that only its owner reads. */
const PRIVATE = 0o600;
/** The mode of other new files, of which open(2) takes the umask. */
const SHARED = 0o666;
/** The bits of a mode that a replaced file hands on. */
const PERMISSIONS = 0o777;

/** Errnos of link(2) on a file system without hard links. */
const NO_LINKS: readonly (string | undefined)[] = [
  'EPERM',
  'EOPNOTSUPP',
  'ENOTSUP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
];

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface WriteOptions {
  /** Whether only the owner may read the file, if it is new: its mode is 0600. */
  readonly isPrivate?: boolean;
}

/**
 * Writes a file under a temporary name beside it, which it loses when it is complete: a reader sees the old file or the
 * new one, and nothing else is left, whatever ends the process. An existing file is replaced, and its mode kept; one
 * that is created in the meantime is not. A symbolic link is followed. A pipe, a device or a descriptor (`-` is
 * standard output) is written to directly.
 *
 * @param inputs - files and folders that were read: none of them, and nothing in them, is overwritten
 * @throws KexecError `file-access`: `EEXIST` if the path is one of the inputs, or the system's errno.
 */
export async function writeFile(
  path: string,
  chunks: Chunks,
  inputs: readonly (string | undefined)[],
  { isPrivate = false }: WriteOptions = {},
): Promise<void> {
  refuseInputs(path, inputs);
  await write(path, chunks, { mode: isPrivate ? PRIVATE : SHARED, mayReplace: true });
}

/**
 * Writes a file that does not exist yet, as {@link writeFile}.
 *
 * @throws KexecError, as {@link writeFile}; `EEXIST`, also if the file is created while this one is written.
 */
export async function writeNewFile(
  path: string,
  chunks: Chunks,
  inputs: readonly (string | undefined)[],
): Promise<void> {
  refuseInputs(path, inputs);
  await write(path, chunks, { mode: SHARED, mayReplace: false });
}

interface Wish {
  /** Of a new file, before the umask. */
  readonly mode: number;
  readonly mayReplace: boolean;
}

async function write(path: string, chunks: Chunks, { mode, mayReplace }: Wish): Promise<void> {
  const destination = findDestination(path);
  try {
    if (destination.kind === 'descriptor') await writeDescriptor(destination, path, chunks);
    else if (destination.kind === 'stream') await writeStream(path, constants.O_WRONLY, chunks);
    else if (destination.status !== undefined && mayReplace)
      await replace(destination.path, destination.status, chunks);
    else if (!mayReplace && isLink(path)) refuse('file-access', 'EEXIST', `${path} exists already`);
    else await create(destination.path, mode, chunks);
  } catch (cause) {
    throw toAccessError(`cannot write ${path}`, cause);
  }
}

async function writeDescriptor(
  { descriptor }: Destination & { kind: 'descriptor' },
  path: string,
  chunks: Chunks,
): Promise<void> {
  const stream = getStandardStream(descriptor);
  if (stream === undefined) return writeStream(path, constants.O_WRONLY | constants.O_APPEND, chunks);
  for await (const chunk of chunks) {
    await new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => (error == null ? resolve() : reject(error)));
    });
  }
}

/** Opens without O_CREAT, which Linux refuses for a pipe of another user in a shared folder (`fs.protected_fifos`). */
async function writeStream(path: string, flags: number, chunks: Chunks): Promise<void> {
  const file = await open(path, flags);
  await writeAndClose(file, chunks);
}

/** Replaces a file by a new one of its owner and mode. */
async function replace(path: string, status: Stats, chunks: Chunks): Promise<void> {
  await withTemporary(path, async (temporary) => {
    const file = await open(temporary, 'wx', PRIVATE);
    await writeAndClose(file, chunks, async () => {
      // Only root may give a file away; the others own what they replace, or get to own it.
      if (process.geteuid?.() === 0) await file.chown(status.uid, status.gid);
      await file.chmod(status.mode & PERMISSIONS);
    });
    await rename(temporary, path);
  });
}

/** Creates a file, and replaces none: link(2) fails if there is one. */
async function create(path: string, mode: number, chunks: Chunks): Promise<void> {
  await withTemporary(path, async (temporary) => {
    await writeAndClose(await open(temporary, 'wx', mode), chunks);
    try {
      await link(temporary, path);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST') refuseCreated(path);
      if (!NO_LINKS.includes(code)) throw cause;
      await copyNew(temporary, path);
    }
  });
}

/** Copies a file to a name where none is, on a file system without hard links. */
async function copyNew(from: string, path: string): Promise<void> {
  try {
    closeSync(openSync(path, 'wx'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') refuseCreated(path);
    throw cause;
  }
  trackTemporary(path);
  try {
    await copyFile(from, path);
    forgetTemporary(path);
  } catch (cause) {
    removeTemporary(path);
    throw cause;
  }
}

function refuseCreated(path: string): never {
  refuse(
    'file-access',
    'EEXIST',
    `${path} exists: it was created while this command worked, and was not replaced`,
  );
}

/** Runs an action with the path of a temporary file beside another. */
async function withTemporary(path: string, action: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = nameTemporary(path);
  trackTemporary(temporary);
  try {
    await action(temporary);
  } finally {
    removeTemporary(temporary);
  }
}

/** The path of a hidden file beside another that no other process uses. */
export function nameTemporary(path: string): string {
  return join(dirname(path), `.kexec-file-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
}

async function writeAndClose(
  file: FileHandle,
  chunks: Chunks,
  beforeClose: () => Promise<void> = async () => {},
): Promise<void> {
  try {
    for await (const chunk of chunks) await writeFully(file, chunk);
    await beforeClose();
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
