import { fstatSync } from 'node:fs';
import { BoundedMap } from '../../base/bounded-map.js';
import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import { NOT_A_FOLDER, tryAccess } from './access-error.js';
import { readExactly } from './read-fully.js';
import { nameInput, type OpenInput, openInput } from './standard-input.js';

/** What is read of the file at once, in bytes: reads are often small and close to each other. */
const BLOCK_BYTES = 1 << 14;
const MAX_CACHED_BLOCKS = 256;

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
      return new BlockSource(name, input, status.size);
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

class BlockSource implements FileSource {
  readonly size: bigint;
  bytesRead = 0n;
  readonly #path: string;
  readonly #input: OpenInput;
  /** By their number. */
  readonly #blocks = new BoundedMap<bigint, Uint8Array>(MAX_CACHED_BLOCKS);

  constructor(path: string, input: OpenInput, size: bigint) {
    this.#path = path;
    this.#input = input;
    this.size = size;
  }

  read(offset: bigint, length: number): Uint8Array {
    const number = offset / BigInt(BLOCK_BYTES);
    const within = Number(offset % BigInt(BLOCK_BYTES));
    if (within + length <= BLOCK_BYTES) return this.#block(number).subarray(within, within + length);
    return this.#readFile(offset, new Uint8Array(length));
  }

  readInto(offset: bigint, into: Uint8Array): void {
    if (into.length <= BLOCK_BYTES) into.set(this.read(offset, into.length));
    else this.#readFile(offset, into);
  }

  close(): void {
    this.#input.close();
  }

  #block(number: bigint): Uint8Array {
    const cached = this.#blocks.get(number);
    if (cached !== undefined) return cached;
    const offset = number * BigInt(BLOCK_BYTES);
    const left = this.size - offset;
    const length = left < BigInt(BLOCK_BYTES) ? Number(left) : BLOCK_BYTES;
    const block = this.#readFile(offset, new Uint8Array(length));
    this.#blocks.set(number, block);
    return block;
  }

  #readFile(offset: bigint, into: Uint8Array): Uint8Array {
    readExactly(this.#input.descriptor, into, offset, this.#path);
    this.bytesRead += BigInt(into.length);
    return into;
  }
}
