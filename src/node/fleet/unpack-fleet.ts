import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { refuse } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import { formatMachine } from '../../machine/schema.js';
import { tryAccess } from '../files/access-error.js';
import { writeFile } from '../files/write-file.js';

/**
 * Writes the machine file of a machine of a fleet, below a folder and under the path that it was packed from.
 *
 * @param file - a path; a leading `/` is ignored
 * @returns the path of the file
 * @throws KexecError `EINVAL`, check `fleet-file`, if the path leaves the folder; `file-access`: `EEXIST` if the file
 *   exists and is not to be replaced, or the system's errno.
 */
export async function unpackMachine(
  folder: string,
  { file, machine }: { readonly file: string; readonly machine: Machine },
  overwrite: boolean,
): Promise<string> {
  const parts = file.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..') || file.includes('\0'))
    refuse(
      'fleet-file',
      'EINVAL',
      `the machine ${machine.name} has the path ${file}, which leaves ${folder}`,
    );
  const relative = parts.join('/');
  const path = join(folder, relative.endsWith('.json') ? relative : `${relative}.json`);
  tryAccess(`cannot create the folder of ${path}`, () => mkdirSync(dirname(path), { recursive: true }));
  const bytes = new TextEncoder().encode(formatMachine(machine));
  // It has addresses that KASLR hides from users other than root.
  await writeFile(path, [bytes], { overwrite, isPrivate: true });
  return path;
}
