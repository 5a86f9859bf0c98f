import { closeSync, constants, fstatSync, lstatSync, openSync, realpathSync, type Stats } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { refuse } from '../../base/error.js';
import { MAX_ENTRIES, MAX_FILE_BYTES } from '../../machine/collect/sources.js';
import { refuseLargerFile } from '../../machine/collect/unpack-collected.js';
import { tryAccess } from '../files/access-error.js';
import { readDescriptor } from '../files/read-file.js';

/**
 * Reads the files of a folder that somebody else may have filled: regular files that lie in it, within the limits of a
 * tar. A FIFO would never end, a device reads without end, and a link may name any file of this system.
 */
export class FolderReader {
  readonly #folder: string;
  #files = 0;
  #bytes = 0;

  /** @throws KexecError `file-access`, with the system's errno, if there is no such folder. */
  constructor(folder: string) {
    this.#folder = tryAccess(`cannot read ${folder}`, () => realpathSync(folder));
  }

  /**
   * Reads a file below the folder. A link is followed if it stays in the folder.
   *
   * @throws KexecError check `machine-archive`: `EINVAL` if it is no regular file or not in the folder, `EFBIG` beyond
   *   the limits; `file-access`, with the system's errno.
   */
  read(path: string): Uint8Array {
    const real = this.requireInside(path);
    // Opening a device may do something already.
    requireRegularFile(
      path,
      tryAccess(`cannot read ${path}`, () => lstatSync(real)),
    );
    return this.readListed(real, path);
  }

  /**
   * Reads a file that its folder lists as a regular one: as {@link read}.
   *
   * @param real - its path, in which no folder is a link
   * @param path - its name in refusals
   */
  readListed(real: string, path = real): Uint8Array {
    const bytes = tryAccess(`cannot read ${path}`, () => {
      // What has taken the file's place meanwhile does not block, and is not followed.
      const descriptor = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      try {
        requireRegularFile(path, fstatSync(descriptor));
        const limit = MAX_FILE_BYTES - this.#bytes;
        return readDescriptor(descriptor, path, undefined, { limit, refuseLarger: refuseLargerFile });
      } finally {
        closeSync(descriptor);
      }
    });
    this.#files += 1;
    this.#bytes += bytes.length;
    if (this.#files > MAX_ENTRIES)
      refuse('machine-archive', 'EFBIG', `${this.#folder} has more than ${MAX_ENTRIES} files`);
    return bytes;
  }

  /** The path without links. @throws KexecError `EINVAL`, check `machine-archive`, if it leaves the folder. */
  requireInside(path: string): string {
    const real = tryAccess(`cannot read ${path}`, () => realpathSync(path));
    const way = relative(this.#folder, real);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
      refuse('machine-archive', 'EINVAL', `${path} is a link to ${real}, which is not in ${this.#folder}`, {
        cure: 'copy the file that is meant into the folder, or remove the link',
      });
    return real;
  }
}

/** @throws KexecError `EINVAL`, check `machine-archive`, for anything but a regular file. */
function requireRegularFile(path: string, status: Stats): void {
  if (!status.isFile())
    refuse('machine-archive', 'EINVAL', `${path} is ${describeKind(status)}, no file`, {
      cure: 'replace it by a regular file with the text that the kernel showed, or remove it',
    });
}

function describeKind(status: Stats): string {
  if (status.isDirectory()) return 'a folder';
  if (status.isFIFO()) return 'a FIFO';
  if (status.isSocket()) return 'a socket';
  return status.isSymbolicLink() ? 'a link' : 'a device';
}
