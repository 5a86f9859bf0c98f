import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { tryAccess } from './access-error.js';
import { type Destination, findDestination } from './destination.js';
import { giveName } from './give-name.js';
import { type OutputOptions, refuseExisting, refuseInputs } from './outputs.js';
import { getStandardStream } from './standard-descriptors.js';
import { removeTemporary, trackTemporary } from './temporaries.js';
import { nameTemporary, PRIVATE, SHARED } from './write-file.js';

/**
 * A file that is written as its text arrives, so that it can be followed, and is kept however the process ends. One
 * without text is not created, and replaces nothing.
 */
export class LogFile {
  readonly path: string;
  readonly #destination: Destination;
  readonly #overwrite: boolean;
  #descriptor: number | undefined;
  #size = 0;

  /**
   * Checks the path by the rule of `writeFile()`, and opens a pipe or a device. A file replaces another in one step,
   * while it is empty.
   *
   * @throws KexecError check `file-access`: `EEXIST`, or the system's errno.
   */
  constructor(path: string, { inputs = [], overwrite = false }: OutputOptions = {}) {
    refuseInputs(path, inputs);
    if (!overwrite) refuseExisting(path);
    this.path = path;
    this.#destination = findDestination(path);
    this.#overwrite = overwrite;
    if (this.#destination.kind === 'stream') this.#open();
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  /** @throws KexecError check `file-access`: `EEXIST`, or the system's errno. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    const descriptor = this.#open();
    // Node makes a pipe of its standard output non-blocking: only its stream waits for the reader.
    const stream = this.#destination.kind === 'descriptor' ? getStandardStream(descriptor) : undefined;
    if (stream !== undefined) stream.write(bytes);
    else this.#writeFully(descriptor, bytes);
    this.#size += bytes.length;
  }

  close(): void {
    if (this.#descriptor !== undefined && this.#destination.kind !== 'descriptor')
      closeSync(this.#descriptor);
  }

  #open(): number {
    this.#descriptor ??= tryAccess(`cannot write ${this.path}`, () => {
      const destination = this.#destination;
      if (destination.kind === 'descriptor') return destination.descriptor;
      if (destination.kind === 'stream') return openSync(this.path, constants.O_WRONLY);
      const mode = destination.status === undefined ? SHARED : PRIVATE;
      return createEmpty(destination.path, mode, this.#overwrite);
    });
    return this.#descriptor;
  }

  #writeFully(descriptor: number, bytes: Uint8Array): void {
    tryAccess(`cannot write ${this.path}`, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    });
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
