import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toAccessError } from './access-error.js';
import { removeTemporary, trackTemporary } from './temporaries.js';

/**
 * Runs an action with an empty folder that only this user can enter. It is deleted with all that is in it before the
 * result is returned, and if a signal ends the process.
 *
 * @throws KexecError `file-access`, with the system's errno, if the folder for temporary files is missing or read-only;
 *   else as the action.
 */
export async function withTemporaryFolder<Result>(
  action: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = join(tmpdir(), `kexec-file-${randomBytes(6).toString('hex')}`);
  makeFolder(folder);
  trackTemporary(folder);
  try {
    return await action(folder);
  } finally {
    removeTemporary(folder);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    const error = toAccessError('cannot make a temporary folder', cause);
    throw error.with(
      `${error.seen}: TMPDIR is ${tmpdir()}; set it to a folder with room that can be written to`,
    );
  }
}
