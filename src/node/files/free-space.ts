import { statfsSync } from 'node:fs';
import { tryAccess } from './access-error.js';

/** Reads how many bytes may still be written in a folder. @throws KexecError `file-access`, with the system's errno. */
export function measureFree(folder: string): bigint {
  const { bavail, bsize } = tryAccess(`cannot read the room in ${folder}`, () =>
    statfsSync(folder, { bigint: true }),
  );
  return bavail * bsize;
}
