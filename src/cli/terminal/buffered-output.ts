import { printBytes } from './output.js';

/** How many bytes are collected before they are written. */
const BYTES_PER_WRITE = 1 << 16;

/** Standard output, written in large pieces: a log has many short lines. */
export class BufferedOutput {
  /** Whether nothing was written so far. */
  isEmpty = true;
  #lines: Uint8Array[] = [];
  #collected = 0;

  write(line: Uint8Array): void {
    this.isEmpty = false;
    this.#lines.push(line);
    this.#collected += line.length;
    if (this.#collected >= BYTES_PER_WRITE) this.flush();
  }

  flush(): void {
    printBytes(Buffer.concat(this.#lines));
    this.#lines = [];
    this.#collected = 0;
  }
}
