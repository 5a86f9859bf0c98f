import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { CHECKS, type ErrnoOf } from '../../base/checks.js';
import { KexecError, refuse } from '../../base/error.js';
import { GIB, hex } from '../../base/u64.js';

/** No file that this project reads whole is larger; the kernel's own bound for kernel and initrd. */
const LARGEST = 4n * GIB;

/** Bytes that one read(2) may ask for: Linux gives at most this many, less a page. */
const READ_AT_ONCE = 1 << 30;

/** What the operating system says of files that has a name here. */
const ERRNOS: readonly string[] = CHECKS['file-access'].errnos;

/** Gives memory for so many bytes. */
export type Allocate = (size: number) => Uint8Array;

/** Memory for files that are looked at one after the other: each takes the place of the one before. */
export function createReusedMemory(): Allocate {
  let memory: Uint8Array = new Uint8Array(0);
  return (size) => {
    if (memory.length < size) memory = Buffer.allocUnsafeSlow(size);
    return memory.subarray(0, size);
  };
}

/**
 * All bytes of a file, read once into one buffer of the file's size.
 *
 * @param allocate - where the buffer comes from; who reads many files, one after the other, may use the same again
 * @throws KexecError `EFBIG` beyond 4 GiB, or the system's errno.
 */
export function readFile(path: string, allocate: Allocate = Buffer.allocUnsafeSlow): Uint8Array {
  const { bytes, close } = openFile(path, allocate);
  close();
  return bytes;
}

/** A file that stays open, for a system call that takes it by its descriptor, and what was read through that. */
export interface OpenFile {
  readonly descriptor: number;
  readonly bytes: Uint8Array;
  close(): void;
}

/** Opens a file and reads all of it. @throws KexecError as {@link readFile}. */
export function openFile(path: string, allocate: Allocate = Buffer.allocUnsafeSlow): OpenFile {
  let descriptor: number | undefined;
  try {
    const opened = openSync(path, 'r');
    descriptor = opened;
    return { descriptor, bytes: readAll(opened, path, allocate), close: () => closeSync(opened) };
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw cause instanceof KexecError ? cause : toAccessError(`cannot read ${path}`, cause);
  }
}

function readAll(descriptor: number, path: string, allocate: Allocate): Uint8Array {
  const status = fstatSync(descriptor, { bigint: true });
  if (status.size > LARGEST) {
    refuse('file-size', 'EFBIG', `${path} has ${hex(status.size)} bytes`);
  }
  return status.isFile() && status.size > 0n
    ? readSized(descriptor, allocate(Number(status.size)), path)
    : readStream(descriptor);
}

export function readText(path: string): string {
  return new TextDecoder().decode(readFile(path));
}

/** The text of a file that the system may not have, or not show; nothing then. */
export function readTextIfAny(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}

function readSized(descriptor: number, bytes: Uint8Array, path: string): Uint8Array {
  let at = 0;
  while (at < bytes.length) {
    const count = readSync(descriptor, bytes, at, Math.min(bytes.length - at, READ_AT_ONCE), null);
    if (count === 0) {
      // Files of sysfs claim a page, whatever they hold, and go on to claim it.
      if (fstatSync(descriptor).size >= bytes.length) return bytes.subarray(0, at);
      refuse('file-access', 'EIO', `${path} shrank to ${hex(at)} bytes while it was read`);
    }
    at += count;
  }
  return bytes;
}

/** Pipes, and the files of procfs, which claim a size of 0. */
function readStream(descriptor: number): Uint8Array {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(1 << 16);
    const count = readSync(descriptor, chunk, 0, chunk.length, null);
    if (count === 0) return Buffer.concat(chunks);
    total += count;
    if (BigInt(total) > LARGEST) {
      refuse('file-size', 'EFBIG', `a stream of more than ${hex(LARGEST)} bytes`);
    }
    chunks.push(chunk.subarray(0, count));
  }
}

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a file under a temporary name beside it and renames it when it is whole, so that a reader sees the old file
 * or the new one. A link is followed, and what is no file, such as a pipe or a device, is written into as it is.
 *
 * @param inputs files and folders that were read: none of them, and nothing in them, is ever overwritten.
 * @throws KexecError `EEXIST` if the path is one of the inputs, or the system's errno; then nothing is left behind.
 */
export async function writeFile(path: string, chunks: Chunks, inputs: readonly string[]): Promise<void> {
  await refuseInputs(path, inputs);
  const status = await stat(path).catch(() => undefined);
  try {
    if (status === undefined) await replace(path, chunks);
    else if (status.isFile()) await replace(await realpath(path), chunks);
    else await writeInto(path, 'w', chunks);
  } catch (cause) {
    throw toAccessError(`cannot write ${path}`, cause);
  }
}

async function replace(path: string, chunks: Chunks): Promise<void> {
  const temporary = join(dirname(path), `.kexec-file-${process.pid}-${Date.now()}.tmp`);
  try {
    await writeInto(temporary, 'wx', chunks);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

async function writeInto(path: string, flags: 'w' | 'wx', chunks: Chunks): Promise<void> {
  const file = await open(path, flags);
  try {
    for await (const chunk of chunks) await writeAll(file, chunk);
  } finally {
    await file.close();
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, Math.min(chunk.length - at, READ_AT_ONCE));
    at += bytesWritten;
  }
}

/** @throws KexecError `EEXIST`, check `file-access`, if a path is one of the files that are read, or in a folder of them. */
export async function refuseInputs(path: string, inputs: readonly string[]): Promise<void> {
  const output = await identityOf(path);
  if (output === undefined) return;
  for (const input of inputs) {
    if ((await identityOf(input)) === output) {
      refuse('file-access', 'EEXIST', `${path} is the same file as ${input}, an input of this command`);
    }
    if (await isWithin(path, input)) {
      refuse('file-access', 'EEXIST', `${path} is a file in ${input}, an input of this command`);
    }
  }
}

async function isWithin(path: string, folder: string): Promise<boolean> {
  const [inner, outer] = await Promise.all([path, folder].map((one) => realpath(one).catch(() => one)));
  const way = relative(outer as string, inner as string);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** What is the same for all names of a file, links included; nothing if there is no such file. */
async function identityOf(path: string): Promise<string | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status && `${status.dev}:${status.ino}`;
}

/** A failure of the operating system in this project's words. */
export function toAccessError(what: string, cause: unknown): KexecError {
  const { code, message, syscall } = cause as NodeJS.ErrnoException;
  const isKnown = code !== undefined && ERRNOS.includes(code);
  const errno = isKnown ? (code as ErrnoOf<'file-access'>) : 'EIO';
  // Node puts the name before it and the call and the path behind it, which are told already.
  const text = isKnown
    ? message.replace(`${code}: `, '').replace(new RegExp(`, ${syscall}.*$`, 's'), '')
    : message;
  return new KexecError('file-access', errno, `${what}: ${text}`, { cause });
}
