import { fstatSync } from 'node:fs';
import { createBlockSource } from '../../base/block-source.js';
import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import { NOT_A_FOLDER, tryAccess } from './access-error.js';
import { readExactly } from './read-fully.js';
import { nameInput, type OpenInput, openInput } from './standard-input.js';

/** A file that is read piece by piece. */
export interface FileSource extends ByteSource {
  /** How many bytes were read from the system so far. */
  readonly bytesRead: bigint;
  close(): void;
}

/**
 * Opens a file of any size, to be read piece by piece.
 *
 * @param path - `-` is standard input
 * @throws KexecError `file-access`, with the system's errno; `EISDIR` if it is a folder, `EINVAL` if it is something
 *   else that is no regular file, such as a pipe.
 */
export function openFileSource(path: string): FileSource {
  const name = nameInput(path);
  return tryAccess(`cannot read ${name}`, () => {
    const input = openInput(path);
    try {
      const status = fstatSync(input.descriptor, { bigint: true });
      if (status.isDirectory())
        refuse('file-access', 'EISDIR', `cannot read ${name}: it is a folder`, { cure: NOT_A_FOLDER });
      if (!status.isFile()) refuseStream(name);
      return openSource(name, input, status.size);
    } catch (error) {
      input.close();
      throw error;
    }
  });
}

function refuseStream(name: string): never {
  refuse('file-access', 'EINVAL', `${name} is a pipe or a device, which cannot be read in any order`, {
    cure: 'write what it has into a file first, and give that file by its name, or by < FILE',
  });
}

/**
 * Opens a file for as long as an action reads it.
 *
 * @returns what the action returns
 * @throws KexecError, as {@link openFileSource} and the action.
 */
export function withFileSource<Result>(path: string, read: (source: FileSource) => Result): Result {
  const source = openFileSource(path);
  try {
    return read(source);
  } finally {
    source.close();
  }
}

function openSource(path: string, input: OpenInput, size: bigint): FileSource {
  let bytesRead = 0n;
  const source = createBlockSource(size, (offset, into) => {
    readExactly(input.descriptor, into, offset, path);
    bytesRead += BigInt(into.length);
  });
  return {
    ...source,
    get bytesRead() {
      return bytesRead;
    },
    close: () => input.close(),
  };
}
