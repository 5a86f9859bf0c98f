import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { refuse } from '../../base/error.js';
import { toAccessError } from './access-error.js';

/** What one write(2) may ask for, in bytes: Linux writes at most this, less a page. */
const MAX_WRITE_BYTES = 1 << 30;

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a file under a temporary name beside it, and renames it when it is complete: a reader sees the old file or the
 * new one. A symbolic link is followed; a pipe or a device is written to directly.
 *
 * @param inputs - files and folders that were read: none of them, and nothing in them, is overwritten
 * @throws KexecError `file-access`: `EEXIST` if the path is one of the inputs, or the system's errno; nothing is left
 *   behind then.
 */
export async function writeFile(path: string, chunks: Chunks, inputs: readonly string[]): Promise<void> {
  await refuseInputs(path, inputs);
  const status = await stat(path).catch(() => undefined);
  try {
    if (status === undefined) await replaceFile(path, chunks);
    else if (status.isFile()) await replaceFile(await realpath(path), chunks);
    else await writeChunks(path, 'w', chunks);
  } catch (cause) {
    throw toAccessError(`cannot write ${path}`, cause);
  }
}

async function replaceFile(path: string, chunks: Chunks): Promise<void> {
  const temporary = join(dirname(path), `.kexec-file-${process.pid}-${Date.now()}.tmp`);
  try {
    await writeChunks(temporary, 'wx', chunks);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

async function writeChunks(path: string, flags: 'w' | 'wx', chunks: Chunks): Promise<void> {
  const file = await open(path, flags);
  try {
    for await (const chunk of chunks) await writeFully(file, chunk);
  } finally {
    await file.close();
  }
}

async function writeFully(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, Math.min(chunk.length - at, MAX_WRITE_BYTES));
    at += bytesWritten;
  }
}

/**
 * Refuses an output that is one of the inputs, or lies in a folder among them.
 *
 * @throws KexecError `EEXIST`, check `file-access`.
 */
export async function refuseInputs(path: string, inputs: readonly string[]): Promise<void> {
  const output = await identifyFile(path);
  if (output === undefined) return;
  for (const input of inputs) {
    if ((await identifyFile(input)) === output)
      refuse('file-access', 'EEXIST', `${path} is the same file as ${input}, an input of this command`);
    if (await isWithin(path, input))
      refuse('file-access', 'EEXIST', `${path} is a file in ${input}, an input of this command`);
  }
}

async function isWithin(path: string, folder: string): Promise<boolean> {
  const inner = await realpath(path).catch(() => path);
  const outer = await realpath(folder).catch(() => folder);
  const way = relative(outer, inner);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** An identity that all names of a file share, links included; undefined if there is no such file. */
async function identifyFile(path: string): Promise<string | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status && `${status.dev}:${status.ino}`;
}
