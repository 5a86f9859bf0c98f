import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tryAccess } from './access-error.js';
import { findDestination } from './destination.js';
import { readFully } from './read-fully.js';

/** Characters that are collected before they are written, and bytes that are read back at once. */
const CHUNK_SIZE = 1 << 16;

/**
 * Text that is put aside until what precedes it is known. It is in a file whose name is removed at once, so that the
 * file disappears with the process.
 */
export class Spool {
  readonly #path: string;
  readonly #descriptor: number;
  #waiting: string[] = [];
  #length = 0;

  /**
   * @param beside - the path of the file that the text will be part of: the spool is in its folder, or, of a pipe, in
   *   that for temporary files
   * @throws KexecError `file-access`, with the system's errno, if nothing can be written there.
   */
  constructor(beside: string) {
    this.#path = beside;
    const folder = findDestination(beside).kind === 'file' ? dirname(beside) : tmpdir();
    const path = join(folder, `.kexec-file-${process.pid}-${Date.now()}.spool`);
    this.#descriptor = this.#tryAccess(() => openSync(path, 'wx+', 0o600));
    this.#tryAccess(() => rmSync(path));
  }

  /** @throws KexecError `file-access`, with the system's errno. */
  append(text: string): void {
    this.#waiting.push(text);
    this.#length += text.length;
    if (this.#length >= CHUNK_SIZE) this.#flush();
  }

  /** Reads all that was appended, in UTF-8. @throws KexecError `file-access`, with the system's errno. */
  *bytes(): Generator<Uint8Array> {
    this.#flush();
    for (let at = 0n; ; ) {
      const chunk = new Uint8Array(CHUNK_SIZE);
      const count = this.#tryAccess(() => readFully(this.#descriptor, chunk, at));
      if (count === 0) return;
      at += BigInt(count);
      yield chunk.subarray(0, count);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    this.#tryAccess(() => writeFileSync(this.#descriptor, this.#waiting.join('')));
    this.#waiting = [];
    this.#length = 0;
  }

  #tryAccess<Result>(action: () => Result): Result {
    return tryAccess(`cannot write ${this.#path}`, action);
  }
}
