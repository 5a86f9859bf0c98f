import { accessSync, constants, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attempt, KexecError, refuse } from '../../base/error.js';
import type { DumpTargetFolder } from '../../crash/dump-room.js';
import { tryAccess } from '../files/access-error.js';
import { readStatus } from '../files/read-status.js';

/**
 * TMPFS_MAGIC, RAMFS_MAGIC, PROC_SUPER_MAGIC and SYSFS_MAGIC of include/uapi/linux/magic.h: file systems of which nothing
 * outlives the boot.
 */
const IN_MEMORY: readonly bigint[] = [0x01021994n, 0x858458f6n, 0x9fa0n, 0x62656572n];

/**
 * Examines the folder that dumps are saved in; a missing one is made by the save, in the nearest folder that exists.
 *
 * @param path - of the settings
 * @param root - the root of the file system; a folder in a test
 * @returns the folder, with the room on its disk
 * @throws KexecError check `kdump-target`: `ENOTDIR` if it is no folder, `EROFS` or `EACCES` if nothing can be written
 *   there, `EINVAL` if a reboot empties it.
 */
export function examineDumpFolder(path: string, root = '/'): DumpTargetFolder {
  const nearest = findNearestFolder(join(root, path));
  const access = attempt(() =>
    tryAccess(`cannot write to ${path}`, () => accessSync(nearest, constants.W_OK | constants.X_OK)),
  );
  if (access instanceof KexecError)
    refuse('kdump-target', access.errno === 'EROFS' ? 'EROFS' : 'EACCES', access.seen, { cause: access });
  const { bavail, bsize, type } = statfsSync(nearest, { bigint: true });
  if (IN_MEMORY.includes(type))
    refuse('kdump-target', 'EINVAL', `${path} is on a file system in memory, which the reboot empties`);
  return { path, free: bavail * bsize };
}

/** The folder itself, or the nearest one above it that exists. */
function findNearestFolder(path: string): string {
  const status = readStatus(path);
  if (status === undefined) return findNearestFolder(dirname(path));
  if (!status.isDirectory()) refuse('kdump-target', 'ENOTDIR', `${path} is no folder`);
  return path;
}
