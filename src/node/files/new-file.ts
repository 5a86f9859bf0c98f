import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { writeFile } from './write-file.js';

/** Refuses a path that exists. @throws KexecError `EEXIST`, check `file-access`. */
export function requireNew(path: string): void {
  if (existsSync(path)) refuse('file-access', 'EEXIST', `${path} exists already`);
}

/** Writes a file that does not exist yet, completely or not at all. @throws KexecError, as {@link writeFile}. */
export async function writeNewFile(
  path: string,
  bytes: Uint8Array,
  inputs: readonly string[],
): Promise<void> {
  requireNew(path);
  await writeFile(path, [bytes], inputs);
}
