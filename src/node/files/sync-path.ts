import { closeSync, fsyncSync, openSync } from 'node:fs';
import { tryAccess } from './access-error.js';

/**
 * Makes what was written survive a power cut: the contents of a file, or the names in a folder.
 *
 * @throws KexecError `file-access`, with the system's errno.
 */
export function syncPath(path: string): void {
  tryAccess(`cannot sync ${path}`, () => {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}
