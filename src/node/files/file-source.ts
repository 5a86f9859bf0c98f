import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../../base/byte-source.js';
import { KexecError, refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { toAccessError } from './files.js';

/** Read and kept at once: what is read is often a few bytes, near those before. */
const BLOCK = 1 << 14;
const KEPT_BLOCKS = 256;

/** A file that is read piece by piece. */
export interface FileSource extends ByteSource {
  /** How many bytes were asked of the system so far. */
  readonly bytesRead: bigint;
  close(): void;
}

/**
 * Opens a file, of any size, to be read piece by piece.
 *
 * @throws KexecError `file-access`, with the system's errno; `EINVAL` for what has no size, such as a pipe.
 */
export function openFileSource(path: string): FileSource {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const status = fstatSync(descriptor, { bigint: true });
    if (!status.isFile()) {
      refuse('file-access', 'EINVAL', `${path} is no file that can be read from anywhere in it`);
    }
    return new Blocks(path, descriptor, status.size);
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw cause instanceof KexecError ? cause : toAccessError(`cannot read ${path}`, cause);
  }
}

class Blocks implements FileSource {
  readonly size: bigint;
  bytesRead = 0n;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #kept = new Map<bigint, Uint8Array>();

  constructor(path: string, descriptor: number, size: bigint) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.size = size;
  }

  read(offset: bigint, length: number): Uint8Array {
    const block = offset / BigInt(BLOCK);
    const within = Number(offset % BigInt(BLOCK));
    if (within + length <= BLOCK) return this.#block(block).subarray(within, within + length);
    return this.#fromFile(offset, length);
  }

  readInto(offset: bigint, into: Uint8Array): void {
    if (into.length <= BLOCK) into.set(this.read(offset, into.length));
    else this.#fill(into, offset);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #block(number: bigint): Uint8Array {
    const kept = this.#kept.get(number);
    if (kept !== undefined) return kept;
    const offset = number * BigInt(BLOCK);
    const left = this.size - offset;
    const block = this.#fromFile(offset, left < BigInt(BLOCK) ? Number(left) : BLOCK);
    const [oldest] = this.#kept.size < KEPT_BLOCKS ? [] : this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(number, block);
    return block;
  }

  #fromFile(offset: bigint, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#fill(bytes, offset);
    return bytes;
  }

  #fill(bytes: Uint8Array, offset: bigint): void {
    for (let at = 0; at < bytes.length; ) {
      const count = this.#readSome(bytes, at, offset + BigInt(at));
      if (count === 0) {
        refuse(
          'file-access',
          'EIO',
          `${this.#path} shrank to ${hex(offset + BigInt(at))} bytes while it was read`,
        );
      }
      at += count;
    }
    this.bytesRead += BigInt(bytes.length);
  }

  #readSome(bytes: Uint8Array, at: number, position: bigint): number {
    try {
      return readSync(this.#descriptor, bytes, at, bytes.length - at, position);
    } catch (cause) {
      throw toAccessError(`cannot read ${this.#path}`, cause);
    }
  }
}
