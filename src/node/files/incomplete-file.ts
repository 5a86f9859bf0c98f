import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DumpTarget } from '../../vmcore/save/dump-target.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';
import { tryAccess } from './access-error.js';
import { requireNew } from './new-file.js';
import { readExactly } from './read-fully.js';
import { refuseInputs, writeFile } from './write-file.js';

/** Appended to the name of a file that is not complete. */
const INCOMPLETE_SUFFIX = '.incomplete';
/** Appended to the name of the file by which sha256sum checks it. */
const DIGEST_SUFFIX = '.sha256';

/** How much is hashed at once, in bytes. */
const HASH_CHUNK_BYTES = 1 << 20;

/**
 * A file that has another name until it is complete, and may have been begun by an earlier run. A failure leaves it in
 * place, so that the next run resumes it.
 */
export class IncompleteFile implements DumpTarget {
  /** Its path until it is complete. */
  readonly incompletePath: string;
  readonly path: string;
  readonly #descriptor: number;
  #size: bigint;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.incompletePath = path + INCOMPLETE_SUFFIX;
    this.#descriptor = descriptor;
    this.#size = fstatSync(descriptor, { bigint: true }).size;
  }

  /**
   * Opens an incomplete file, or creates it.
   *
   * @param inputs - files that are read: none of them is written to
   * @throws KexecError `file-access`: `EEXIST` if the complete file exists; or the system's errno.
   */
  static async open(path: string, inputs: readonly string[]): Promise<IncompleteFile> {
    const incompletePath = path + INCOMPLETE_SUFFIX;
    requireNew(path);
    await refuseInputs(incompletePath, inputs);
    await refuseInputs(path + DIGEST_SUFFIX, inputs);
    const descriptor = tryAccess(`cannot write ${incompletePath}`, () => openOrCreate(incompletePath));
    return new IncompleteFile(path, descriptor);
  }

  get size(): bigint {
    return this.#size;
  }

  read(offset: bigint, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    readExactly(this.#descriptor, bytes, offset, this.incompletePath);
    return bytes;
  }

  write(offset: bigint, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const position = Number(offset) + at;
      at += tryAccess(`cannot write ${this.incompletePath}`, () =>
        writeSync(this.#descriptor, bytes, at, bytes.length - at, position),
      );
      const end = BigInt(Number(offset) + at);
      if (end > this.#size) this.#size = end;
    }
  }

  truncate(size: bigint): void {
    if (size === this.#size) return;
    tryAccess(`cannot write ${this.incompletePath}`, () => ftruncateSync(this.#descriptor, Number(size)));
    this.#size = size;
  }

  /**
   * Gives the complete file its name. Before that, it reads back what is on the disk, and writes the SHA-256 beside it,
   * in the form that sha256sum writes and checks.
   *
   * @returns the digest, in hexadecimal digits
   */
  async finish(): Promise<string> {
    tryAccess(`cannot write ${this.incompletePath}`, () => fsyncSync(this.#descriptor));
    const digest = await this.#hash();
    const line = new TextEncoder().encode(`${digest}  ${basename(this.path)}\n`);
    await writeFile(this.path + DIGEST_SUFFIX, [line], []);
    requireNew(this.path);
    tryAccess(`cannot rename ${this.incompletePath}`, () => renameSync(this.incompletePath, this.path));
    syncFolder(dirname(this.path));
    return digest;
  }

  async #hash(): Promise<string> {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(HASH_CHUNK_BYTES);
    for (let at = 0n; at < this.#size; at += BigInt(HASH_CHUNK_BYTES)) {
      const left = this.#size - at;
      const bytes = left < BigInt(HASH_CHUNK_BYTES) ? buffer.subarray(0, Number(left)) : buffer;
      readExactly(this.#descriptor, bytes, at, this.incompletePath);
      hash.update(bytes);
      await yieldToEventLoop();
    }
    return hash.digest('hex');
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** @throws what Node throws. */
function openOrCreate(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    return openSync(path, 'wx+', 0o600);
  }
}

/** Makes a rename in a folder survive a power cut. */
function syncFolder(path: string): void {
  tryAccess(`cannot sync ${path}`, () => {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}
