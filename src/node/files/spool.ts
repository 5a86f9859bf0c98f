import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toAccessError } from './files.js';

/** In bytes: how much is kept before it is written, and read again at a time. */
const AT_ONCE = 1 << 16;

/**
 * Text that is put aside while what comes before it is not known yet: in a file beside the one that it will be part of, which
 * has no name any more and so is gone with the process.
 */
export class Spool {
  readonly #path: string;
  readonly #descriptor: number;
  #waiting: string[] = [];
  #length = 0;

  /** @throws KexecError `file-access` with the system's errno if nothing can be written there. */
  constructor(beside: string) {
    this.#path = beside;
    const path = join(dirname(beside), `.kexec-file-${process.pid}-${Date.now()}.spool`);
    this.#descriptor = this.#during(() => openSync(path, 'wx+', 0o600));
    this.#during(() => rmSync(path));
  }

  /** @throws KexecError `file-access` with the system's errno. */
  append(text: string): void {
    this.#waiting.push(text);
    this.#length += text.length;
    if (this.#length >= AT_ONCE) this.#flush();
  }

  /** All that was appended, in UTF-8. @throws KexecError `file-access` with the system's errno. */
  *bytes(): Generator<Uint8Array> {
    this.#flush();
    for (let at = 0; ; ) {
      const chunk = new Uint8Array(AT_ONCE);
      const count = this.#during(() => readSync(this.#descriptor, chunk, 0, AT_ONCE, at));
      if (count === 0) return;
      at += count;
      yield chunk.subarray(0, count);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = new TextEncoder().encode(this.#waiting.join(''));
    for (let at = 0; at < bytes.length; ) at += this.#during(() => writeSync(this.#descriptor, bytes, at));
    this.#waiting = [];
    this.#length = 0;
  }

  #during<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (cause) {
      throw toAccessError(`cannot write ${this.#path}`, cause);
    }
  }
}
