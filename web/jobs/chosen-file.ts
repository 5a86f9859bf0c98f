import { createBlockSource } from '../../src/base/block-source.js';
import type { ByteSource } from '../../src/base/byte-source.js';
import { attemptAsync, type KexecError, refuse } from '../../src/base/error.js';
import { formatSize } from '../../src/base/sizes.js';
import { reportProgress } from './job-progress.js';

/** A file that the user chose, or that the command `ui` was given. It can be sent to a worker, which reads it. */
export interface ChosenFile {
  /** Without folders. */
  readonly name: string;
  /** With the folders that were chosen with it; the name alone if left out. */
  readonly path?: string;
  /** In bytes. */
  readonly size: number;
  /** What the browser has of it, or the address at which `ui` serves it. */
  readonly contents: Blob | string;
}

/** Reads blobs at once. Only workers have it, so TypeScript's types of pages lack it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** The largest file that is read whole, in bytes: the page must not fill the memory of its browser. */
const MAX_WHOLE_BYTES = 1 << 30;

/** What is read at once of a file that is read whole, in bytes. */
const PIECE_BYTES = 16 << 20;

/** Opens a file of any size, to be read in pieces; in a worker alone. Reading throws KexecError `file-access`. */
export function openChosenFile({ name, size, contents }: ChosenFile): Required<ByteSource> {
  return createBlockSource(BigInt(size), (offset, into) => {
    const start = Number(offset);
    const bytes =
      typeof contents === 'string'
        ? fetchSlice(name, contents, start, into.length)
        : readSlice(name, contents, start, into.length);
    if (bytes.byteLength !== into.length) refuseShorter(name);
    into.set(new Uint8Array(bytes));
  });
}

/**
 * Reads a file whole; in a worker alone.
 *
 * @throws KexecError `EFBIG`, check `file-size`, for more than 1 GiB; `file-access`
 */
export function readChosenFile(file: ChosenFile): Uint8Array {
  if (file.size > MAX_WHOLE_BYTES)
    refuse(
      'file-size',
      'EFBIG',
      `${file.name} has ${formatSize(file.size)}; the inspector reads 1 GiB of a file`,
      {
        cure: 'use the command, which reads up to 4 GiB; only dumps are read in pieces',
      },
    );
  const source = openChosenFile(file);
  const bytes = new Uint8Array(file.size);
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    reportProgress(`reading ${file.name}`, at, file.size);
    source.readInto(BigInt(at), bytes.subarray(at, at + PIECE_BYTES));
  }
  return bytes;
}

/**
 * Reads the start of a file, or all of a small one.
 *
 * @param length - in bytes; of a file that is shorter, all
 * @throws KexecError `file-access`
 */
export async function readChosenStart(file: ChosenFile, length: number): Promise<Uint8Array> {
  const { name, size, contents } = file;
  const wanted = Math.min(size, length);
  if (typeof contents === 'string') return openChosenFile(file).read(0n, wanted);
  // A browser asks another process for each slice.
  const blob = wanted === size ? contents : contents.slice(0, wanted);
  const bytes = await blob.arrayBuffer().catch((cause: unknown) => refuseUnreadable(name, cause));
  if (bytes.byteLength !== wanted) refuseShorter(name);
  return new Uint8Array(bytes);
}

/**
 * Reads small files whole, as one: a browser takes longer to begin with a file than to read it.
 *
 * @returns their bytes, or why one cannot be read: KexecError `file-access`
 */
export async function readChosenFiles(files: readonly ChosenFile[]): Promise<(Uint8Array | KexecError)[]> {
  const blobs = files.flatMap(({ contents }) => (typeof contents === 'string' ? [] : [contents]));
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const joined =
    blobs.length === files.length ? await new Blob(blobs).arrayBuffer().catch(() => undefined) : undefined;
  // One that cannot be read, or has become shorter, spoils the whole.
  if (joined?.byteLength !== size)
    return Promise.all(files.map((file) => attemptAsync(() => readChosenStart(file, file.size))));
  let end = 0;
  return files.map((file) => {
    end += file.size;
    return new Uint8Array(joined, end - file.size, file.size);
  });
}

function readSlice(name: string, blob: Blob, start: number, length: number): ArrayBuffer {
  try {
    return new FileReaderSync().readAsArrayBuffer(blob.slice(start, start + length));
  } catch (cause) {
    refuseUnreadable(name, cause);
  }
}

function refuseShorter(name: string): never {
  refuse('file-access', 'EIO', `${name} became shorter while it was read`);
}

/** @param cause - a DOMException */
function refuseUnreadable(name: string, cause: unknown): never {
  refuse('file-access', 'EIO', `the browser cannot read ${name}: ${(cause as DOMException).message}`, {
    cure: 'choose the file again: it was changed or removed after it was chosen, or is a folder',
    cause,
  });
}

/** Fetches a slice from the server of the command `ui`. */
function fetchSlice(name: string, address: string, start: number, length: number): ArrayBuffer {
  if (length === 0) return new ArrayBuffer(0);
  const request = new XMLHttpRequest();
  try {
    request.open('GET', address, false);
    request.responseType = 'arraybuffer';
    request.setRequestHeader('Range', `bytes=${start}-${start + length - 1}`);
    request.send();
  } catch (cause) {
    refuse('file-access', 'EIO', `${name} cannot be fetched`, {
      cure: 'start kexec-file ui again: it serves files only as long as it runs',
      cause,
    });
  }
  if (request.status !== 206)
    refuse('file-access', 'EIO', `${name} cannot be fetched: the server answers ${request.status}`);
  return request.response as ArrayBuffer;
}
