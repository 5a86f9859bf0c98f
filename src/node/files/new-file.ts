import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { writeFile } from './files.js';

/**
 * Refuses a path where there is something already.
 *
 * @throws KexecError `EEXIST`: `file-access`.
 */
export function requireNew(path: string): void {
  if (!existsSync(path)) return;
  refuse('file-access', 'EEXIST', `${path} exists already`);
}

/** Writes a file that is not there yet, whole or not at all. */
export async function writeNewFile(
  path: string,
  bytes: Uint8Array,
  inputs: readonly string[],
): Promise<void> {
  requireNew(path);
  await writeFile(path, [bytes], inputs);
}
