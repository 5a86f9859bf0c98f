import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { tryAccess } from './access-error.js';
import { type Destination, findDestination } from './destination.js';
import { giveName } from './give-name.js';
import { type OutputOptions, refuseExisting, refuseInputs } from './outputs.js';
import { getStandardStream } from './standard-descriptors.js';
import { forgetTemporary, removeTemporary, trackTemporary } from './temporaries.js';
import { nameTemporary, PRIVATE, SHARED } from './write-file.js';

/**
 * A file that is written as its text arrives, so that it can be followed, and is kept however the process ends. One
 * without text is removed.
 */
export class LogFile {
  readonly path: string;
  /** Without symbolic links. */
  readonly #path: string;
  readonly #descriptor: number;
  /** Standard output or standard error: written to in order with what else is printed, and without blocking. */
  readonly #stream: NodeJS.WriteStream | undefined;
  readonly #kind: Destination['kind'];
  #size = 0;

  /**
   * Opens the file. It replaces another by the rule of `writeFile()`, in one step, while it is empty.
   *
   * @throws KexecError check `file-access`: `EEXIST`, or the system's errno.
   */
  constructor(path: string, { inputs = [], overwrite = false }: OutputOptions = {}) {
    refuseInputs(path, inputs);
    if (!overwrite) refuseExisting(path);
    const destination = findDestination(path);
    this.#kind = destination.kind;
    this.path = path;
    this.#path = destination.kind === 'file' ? destination.path : path;
    this.#descriptor = tryAccess(`cannot write ${path}`, () => {
      if (destination.kind === 'descriptor') return destination.descriptor;
      if (destination.kind === 'stream') return openSync(path, constants.O_WRONLY);
      const mode = destination.status === undefined ? SHARED : PRIVATE;
      return createEmpty(this.#path, mode, overwrite);
    });
    this.#stream = destination.kind === 'descriptor' ? getStandardStream(this.#descriptor) : undefined;
    if (destination.kind === 'file') trackTemporary(this.#path);
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  /** @throws KexecError `file-access`, with the system's errno. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#stream !== undefined) this.#stream.write(bytes);
    else this.#writeFully(bytes);
    if (this.#size === 0 && this.#kind === 'file') forgetTemporary(this.#path);
    this.#size += bytes.length;
  }

  #writeFully(bytes: Uint8Array): void {
    tryAccess(`cannot write ${this.path}`, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    });
  }

  close(): void {
    if (this.#kind !== 'descriptor') closeSync(this.#descriptor);
    if (this.#kind === 'file' && this.#size === 0) removeTemporary(this.#path);
  }
}

/** Creates an empty file. @returns its descriptor */
function createEmpty(path: string, mode: number, overwrite: boolean): number {
  const temporary = nameTemporary(path);
  trackTemporary(temporary);
  try {
    const descriptor = openSync(temporary, 'wx', mode);
    giveName(temporary, path, { overwrite });
    return descriptor;
  } finally {
    removeTemporary(temporary);
  }
}
