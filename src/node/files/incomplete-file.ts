import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { DumpTarget } from '../../vmcore/save/dump-target.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';
import { refuseInputs, toAccessError, writeFile } from './files.js';
import { requireNew } from './new-file.js';

/** What a file is called until it is whole. */
const SUFFIX = '.incomplete';
/** Of the file beside it that sha256sum checks it by. */
const DIGEST_SUFFIX = '.sha256';
const READ_AT_ONCE = 1 << 20;

/**
 * A file under a name of its own until it is whole, which may have been begun before. A failure leaves it there, to be
 * gone on with.
 */
export class IncompleteFile implements DumpTarget {
  /** Of what is not whole yet. */
  readonly incompletePath: string;
  readonly path: string;
  readonly #descriptor: number;
  #size: bigint;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.incompletePath = path + SUFFIX;
    this.#descriptor = descriptor;
    this.#size = fstatSync(descriptor, { bigint: true }).size;
  }

  /**
   * Opens what was begun of a file, or begins it.
   *
   * @param inputs - files that are read: none of them is written to
   * @throws KexecError `file-access`: `EEXIST` if there is the whole file already; or the system's errno.
   */
  static async open(path: string, inputs: readonly string[]): Promise<IncompleteFile> {
    requireNew(path);
    await refuseInputs(path + SUFFIX, inputs);
    await refuseInputs(path + DIGEST_SUFFIX, inputs);
    const descriptor = during(`cannot write ${path}${SUFFIX}`, () => {
      try {
        return openSync(path + SUFFIX, 'r+');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
        return openSync(path + SUFFIX, 'wx+', 0o600);
      }
    });
    return new IncompleteFile(path, descriptor);
  }

  get size(): bigint {
    return this.#size;
  }

  read(offset: bigint, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#readInto(offset, bytes);
    return bytes;
  }

  #readInto(offset: bigint, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const count = during(`cannot read ${this.incompletePath}`, () =>
        readSync(this.#descriptor, bytes, at, bytes.length - at, offset + BigInt(at)),
      );
      if (count === 0) {
        refuse(
          'file-access',
          'EIO',
          `${this.incompletePath} shrank to ${hex(offset + BigInt(at))} bytes while it was written`,
        );
      }
      at += count;
    }
  }

  write(offset: bigint, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const position = Number(offset) + at;
      at += during(`cannot write ${this.incompletePath}`, () =>
        writeSync(this.#descriptor, bytes, at, bytes.length - at, position),
      );
      const end = BigInt(Number(offset) + at);
      if (end > this.#size) this.#size = end;
    }
  }

  truncate(size: bigint): void {
    if (size === this.#size) return;
    during(`cannot write ${this.incompletePath}`, () => ftruncateSync(this.#descriptor, Number(size)));
    this.#size = size;
  }

  /**
   * Gives the file its name, when it is whole: what is on the disk is read once more, and its SHA-256 put beside it, as
   * sha256sum writes and checks it.
   *
   * @returns the digest, in hexadecimal digits
   */
  async finish(): Promise<string> {
    during(`cannot write ${this.incompletePath}`, () => fsyncSync(this.#descriptor));
    const hash = createHash('sha256');
    const buffer = new Uint8Array(READ_AT_ONCE);
    for (let at = 0n; at < this.#size; at += BigInt(READ_AT_ONCE)) {
      const left = this.#size - at;
      const bytes = left < BigInt(READ_AT_ONCE) ? buffer.subarray(0, Number(left)) : buffer;
      this.#readInto(at, bytes);
      hash.update(bytes);
      await yieldToEventLoop();
    }
    const digest = hash.digest('hex');
    const line = new TextEncoder().encode(`${digest}  ${basename(this.path)}\n`);
    await writeFile(this.path + DIGEST_SUFFIX, [line], []);
    requireNew(this.path);
    during(`cannot rename ${this.incompletePath}`, () => renameSync(this.incompletePath, this.path));
    syncFolder(dirname(this.path));
    return digest;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** So that a rename outlives a power cut; where a folder cannot be synced, it is as good as it gets. */
function syncFolder(path: string): void {
  const descriptor = during(`cannot open ${path}`, () => openSync(path, 'r'));
  try {
    during(`cannot sync ${path}`, () => fsyncSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function during<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    throw toAccessError(what, cause);
  }
}
