import { writeSync } from 'node:fs';
import { tryAccess } from './access-error.js';
import { waitForPipe } from './read-fully.js';

/**
 * Appends bytes to a descriptor, and waits for a slow reader.
 *
 * @param name - of what is written, in errors
 * @throws KexecError `file-access`, with the system's errno: `EPIPE` if nothing reads the pipe any more.
 */
export function appendFully(descriptor: number, bytes: Uint8Array, name: string): void {
  tryAccess(`cannot write ${name}`, () => {
    for (let at = 0; at < bytes.length; ) at += writeAvailable(descriptor, bytes.subarray(at));
  });
}

/** Writes as much as a pipe takes. @returns how many bytes @throws what Node throws. */
function writeAvailable(descriptor: number, bytes: Uint8Array): number {
  for (;;) {
    try {
      return writeSync(descriptor, bytes);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') throw cause;
      waitForPipe();
    }
  }
}
