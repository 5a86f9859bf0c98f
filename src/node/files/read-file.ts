import { fstatSync } from 'node:fs';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { GIB } from '../../base/u64.js';
import { tryAccess } from './access-error.js';
import { readAvailable, readFully, refuseShrunk } from './read-fully.js';
import { nameInput, openInput } from './standard-input.js';

/** The largest file that is read whole, in bytes: the kernel's own bound for kernel and initrd. */
const MAX_FILE_BYTES = 4n * GIB;

/** The most of a stream that is read at once, in bytes. */
const STREAM_CHUNK_BYTES = 1 << 16;

/** The least room for a read, in bytes: a page. */
const MIN_READ_BYTES = 1 << 12;

/** Allocates a buffer of a size in bytes. */
export type Allocate = (size: number) => Uint8Array;

/** An allocator for files that are processed one after the other: each overwrites the one before. */
export function createReusedMemory(): Allocate {
  let memory: Uint8Array = new Uint8Array(0);
  return (size) => {
    if (memory.length < size) memory = Buffer.allocUnsafeSlow(size);
    return memory.subarray(0, size);
  };
}

/** How much of a file is read. It bounds a pipe or a device, too, whose size is not known before. */
export interface ReadBound {
  /** In bytes. */
  readonly limit: number;
  /** Refuses a file that is larger. */
  readonly refuseLarger: (path: string, limit: number) => never;
}

/** Files that are read whole are small. */
const TOO_LARGE =
  'give the file that is meant: one of this size is a disk image or a dump; kexec-file vmcore reads dumps of any size';

const ANY_FILE: ReadBound = {
  limit: Number(MAX_FILE_BYTES),
  refuseLarger: (path) =>
    refuse('file-size', 'EFBIG', `${path} has more than ${formatSize(MAX_FILE_BYTES)}`, { cure: TOO_LARGE }),
};

/**
 * Reads a whole file, once, into one buffer of its size.
 *
 * @param path - `-` is standard input
 * @param allocate - allocates that buffer
 * @param bound - the largest size; 4 GiB if left out
 * @throws KexecError of the bound, else `EFBIG`, check `file-size`; `file-access`, with the system's errno.
 */
export function readFile(
  path: string,
  allocate: Allocate = Buffer.allocUnsafeSlow,
  bound: ReadBound = ANY_FILE,
): Uint8Array {
  const { bytes, close } = openFile(path, allocate, bound);
  close();
  return bytes;
}

/** A file that stays open, for a system call that takes its descriptor, and what was read through that descriptor. */
export interface OpenFile {
  readonly descriptor: number;
  /** Whether it can be read again from its start: a pipe cannot. */
  readonly isRegular: boolean;
  readonly bytes: Uint8Array;
  close(): void;
}

/** Opens a file and reads it whole. @throws KexecError, as {@link readFile}. */
export function openFile(
  path: string,
  allocate: Allocate = Buffer.allocUnsafeSlow,
  bound: ReadBound = ANY_FILE,
): OpenFile {
  const name = nameInput(path);
  return tryAccess(`cannot read ${name}`, () => {
    const { descriptor, close } = openInput(path);
    try {
      const bytes = readDescriptor(descriptor, name, allocate, bound);
      return { descriptor, isRegular: fstatSync(descriptor).isFile(), bytes, close };
    } catch (error) {
      close();
      throw error;
    }
  });
}

/** Reads an open file from its start: as {@link readFile}. Node's errors are thrown as they are. */
export function readDescriptor(
  descriptor: number,
  path: string,
  allocate: Allocate = Buffer.allocUnsafeSlow,
  bound: ReadBound = ANY_FILE,
): Uint8Array {
  const status = fstatSync(descriptor, { bigint: true });
  if (status.size > BigInt(bound.limit)) bound.refuseLarger(path, bound.limit);
  return status.isFile() && status.size > 0n
    ? readSized(descriptor, allocate(Number(status.size)), path)
    : readStream(descriptor, path, bound);
}

function readSized(descriptor: number, bytes: Uint8Array, path: string): Uint8Array {
  const count = readFully(descriptor, bytes, null);
  if (count === bytes.length) return bytes;
  // A file of sysfs claims a page, whatever it holds, and still claims it after it was read.
  if (fstatSync(descriptor).size < bytes.length) refuseShrunk(path, count);
  return bytes.subarray(0, count);
}

/** Reads a pipe, or a file of procfs, which claims a size of 0, and of which a read returns a page. */
function readStream(descriptor: number, path: string, { limit, refuseLarger }: ReadBound): Uint8Array {
  const pieces: Buffer[] = [];
  let total = 0;
  let room: Buffer | undefined;
  for (;;) {
    if (room === undefined || room.length < MIN_READ_BYTES) room = Buffer.allocUnsafe(STREAM_CHUNK_BYTES);
    const count = readAvailable(descriptor, room, null);
    if (count === 0) return Buffer.concat(pieces);
    total += count;
    if (total > limit) refuseLarger(path, limit);
    pieces.push(room.subarray(0, count));
    room = room.subarray(count);
  }
}

/** Reads a text file in UTF-8. @throws KexecError, as {@link readFile}. */
export function readText(path: string): string {
  return new TextDecoder().decode(readFile(path));
}

/** Reads a text file; undefined if the system does not have it, or does not let this process read it. */
export function readTextIfAny(path: string): string | undefined {
  const text = attempt(() => readText(path));
  return text instanceof KexecError ? undefined : text;
}
