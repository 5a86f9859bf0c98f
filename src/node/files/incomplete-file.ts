import { createHash } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { refuse } from '../../base/error.js';
import type { DumpTarget } from '../../vmcore/save/dump-target.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';
import { tryAccess } from './access-error.js';
import { findDestination } from './destination.js';
import { lockFile } from './file-lock.js';
import { measureFree } from './free-space.js';
import { giveName } from './give-name.js';
import { checkOutputs, type OutputOptions, refuseInputs } from './outputs.js';
import { readExactly } from './read-fully.js';
import { readStatus } from './read-status.js';
import { syncPath } from './sync-path.js';
import { writeFile } from './write-file.js';

/** Appended to the name of a file that is not complete. */
const INCOMPLETE_SUFFIX = '.incomplete';
/** Appended to the name of the file by which sha256sum checks it. */
const DIGEST_SUFFIX = '.sha256';

/** How much is hashed at once, in bytes. */
const HASH_CHUNK_BYTES = 1 << 20;

/** How an incomplete file is written. */
export interface IncompleteFileOptions extends OutputOptions {
  /** Whether its SHA-256 is written beside it, for which it is read again. Default: true. */
  readonly hasChecksum?: boolean | undefined;
}

/** The unit of `st_blocks`: stat(2). */
const BLOCK_BYTES = 512n;

/**
 * How much is written before it is on the disk, in bytes. What waits for the disk takes memory that nothing else gets:
 * a capture kernel has little.
 */
const MAX_UNSYNCED_BYTES = 1 << 24;

/**
 * A file that has another name until it is complete, and may have been begun by an earlier run. A failure leaves it in
 * place, so that the next run resumes it. While it is open, no other process of this program writes to it.
 */
export class IncompleteFile implements DumpTarget {
  /** Its path until it is complete. */
  readonly incompletePath: string;
  readonly path: string;
  readonly #descriptor: number;
  readonly #options: IncompleteFileOptions;
  readonly #unlock: () => void;
  #size: bigint;
  #unsynced = 0;

  private constructor(path: string, descriptor: number, options: IncompleteFileOptions, unlock: () => void) {
    this.path = path;
    this.incompletePath = path + INCOMPLETE_SUFFIX;
    this.#descriptor = descriptor;
    this.#options = options;
    this.#unlock = unlock;
    this.#size = fstatSync(descriptor, { bigint: true }).size;
  }

  /**
   * Opens an incomplete file, or creates it. The rule for outputs is for the complete file and its checksum: what an
   * earlier run began is resumed.
   *
   * @throws KexecError `file-access`: `EEXIST` if the complete file or its checksum exists and is not to be replaced;
   *   `EINVAL` if the path is not that of a file; `EBUSY` if another process writes it; or the system's errno.
   */
  static async open(output: string, options: IncompleteFileOptions): Promise<IncompleteFile> {
    const checksum = options.hasChecksum === false ? undefined : output + DIGEST_SUFFIX;
    checkOutputs({ '--output': output, 'its checksum': checksum }, options);
    const destination = findDestination(output);
    if (destination.kind !== 'file')
      refuse(
        'file-access',
        'EINVAL',
        `${output} is no regular file, and a copy of a dump is not written from its start to its end`,
        {
          cure: 'give the name of a file',
        },
      );
    const { path } = destination;
    const incompletePath = path + INCOMPLETE_SUFFIX;
    refuseInputs(incompletePath, options.inputs ?? []);
    const descriptor = tryAccess(`cannot write ${incompletePath}`, () => openOrCreate(incompletePath));
    try {
      const status = fstatSync(descriptor, { bigint: true });
      const unlock = await lockFile(incompletePath, status);
      // Another process may have completed the file before this one had the lock: then it has another name now.
      if (statSync(incompletePath, { bigint: true, throwIfNoEntry: false })?.ino !== status.ino) {
        unlock();
        refuse('file-access', 'EBUSY', `another kexec-file has written ${path} just now`, {
          cure: 'nothing, if it is the copy that is wanted; else give the output another name',
        });
      }
      return new IncompleteFile(path, descriptor, options, unlock);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
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
    this.#unsynced += bytes.length;
    if (this.#unsynced < MAX_UNSYNCED_BYTES) return;
    this.#unsynced = 0;
    tryAccess(`cannot write ${this.incompletePath}`, () => fdatasyncSync(this.#descriptor));
  }

  /** How large the file can become, in bytes, unless something else needs the room. @throws as {@link measureFree}. */
  measureRoom(): bigint {
    const { blocks } = tryAccess(`cannot read ${this.incompletePath}`, () =>
      fstatSync(this.#descriptor, { bigint: true }),
    );
    return blocks * BLOCK_BYTES + measureFree(dirname(this.path));
  }

  truncate(size: bigint): void {
    if (size === this.#size) return;
    tryAccess(`cannot write ${this.incompletePath}`, () => ftruncateSync(this.#descriptor, Number(size)));
    this.#size = size;
  }

  /**
   * Gives the complete file its name, and writes the SHA-256 of what is on the disk beside it, in the form that
   * sha256sum writes and checks.
   *
   * @returns the digest, in hexadecimal digits; undefined if the file has no checksum
   */
  async finish(): Promise<string | undefined> {
    const { hasChecksum = true, overwrite = false } = this.#options;
    tryAccess(`cannot write ${this.incompletePath}`, () => fsyncSync(this.#descriptor));
    const digest = hasChecksum ? await this.#hash() : undefined;
    tryAccess(`cannot rename ${this.incompletePath}`, () =>
      giveName(this.incompletePath, this.path, { overwrite }),
    );
    if (digest !== undefined) {
      const line = new TextEncoder().encode(`${digest}  ${basename(this.path)}\n`);
      await writeFile(this.path + DIGEST_SUFFIX, [line], { overwrite });
    }
    // The rename survives a power cut, too.
    syncPath(dirname(this.path));
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
    this.#unlock();
    closeSync(this.#descriptor);
  }
}

/** Finds the incomplete file of an output, if there is one. @returns its path, and its size in bytes */
export function findIncomplete(output: string): { readonly path: string; readonly size: bigint } | undefined {
  const destination = findDestination(output);
  if (destination.kind !== 'file') return undefined;
  const path = destination.path + INCOMPLETE_SUFFIX;
  const status = readStatus(path);
  return status === undefined ? undefined : { path, size: BigInt(status.size) };
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
