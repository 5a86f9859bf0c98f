import { readSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { tryAccess } from './access-error.js';

/** What one read(2) may ask for, in bytes: Linux reads at most this, less a page. */
const MAX_READ_BYTES = 1 << 30;

/** How long to wait for the other end of a pipe that a process made non-blocking, in milliseconds. */
const PIPE_WAIT_MS = 5;

/**
 * Reads what there is, up to the size of a buffer, and waits if there is nothing yet.
 *
 * @returns how many bytes were read; 0 at the end of the file
 * @throws what Node throws.
 */
export function readAvailable(descriptor: number, into: Uint8Array, position: bigint | null): number {
  for (;;) {
    try {
      return readSync(descriptor, into, 0, into.length, position);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') throw cause;
      waitForPipe();
    }
  }
}

/** Waits a moment for the other end of a pipe that is not blocking. */
export function waitForPipe(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_WAIT_MS);
}

/**
 * Reads until a buffer is full or the file ends.
 *
 * @param position - in bytes from the start of the file; null reads on from where the last read ended
 * @returns how many bytes were read
 * @throws what Node throws.
 */
export function readFully(descriptor: number, into: Uint8Array, position: bigint | null): number {
  let count = 0;
  while (count < into.length) {
    const length = Math.min(into.length - count, MAX_READ_BYTES);
    const from = position === null ? null : position + BigInt(count);
    const read = readAvailable(descriptor, into.subarray(count, count + length), from);
    if (read === 0) break;
    count += read;
  }
  return count;
}

/**
 * Fills a buffer from a file that was large enough when its size was read.
 *
 * @throws KexecError `file-access`: `EIO` if the file has become shorter, or the system's errno.
 */
export function readExactly(descriptor: number, into: Uint8Array, position: bigint, path: string): void {
  const count = tryAccess(`cannot read ${path}`, () => readFully(descriptor, into, position));
  if (count < into.length) refuseShrunk(path, position + BigInt(count));
}

/** @param size - of the file now, in bytes @throws KexecError `EIO`, check `file-access`. */
export function refuseShrunk(path: string, size: number | bigint): never {
  refuse('file-access', 'EIO', `${path} shrank to ${formatBytes(size)} while it was open`, {
    cure: 'run the command again once nothing writes the file',
  });
}
