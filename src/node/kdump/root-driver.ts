import { join } from 'node:path';
import type { OnInitrdEntry } from '../../kernel-file/initrd/read-initrd.js';
import { readInitrd } from '../../kernel-file/initrd/read-initrd.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { readFile, readTextIfAny } from '../files/read-file.js';

/** The root file system, and whether the capture kernel can mount it, as far as its driver goes. */
export interface RootDriver {
  /** Its type: `ext4`. */
  readonly type: string;
  /** Where its driver is; undefined if neither the kernel nor the initrd has it. */
  readonly in: 'kernel' | 'initrd' | undefined;
}

/** A line of /proc/self/mountinfo (proc_pid_mountinfo(5)): the mount point, and after a dash the file system's type. */
const ROOT_LINE = /^\d+ \d+ \S+ \S+ \/ .* - (\S+) /m;

/**
 * Finds whether the capture kernel has a driver for the root file system: built in, or as a module in its initrd.
 *
 * @param initrd - its path; undefined if there is none
 * @param release - of the capture kernel
 * @param root - the root of the file system; a folder in a test
 * @returns undefined if the type of the root file system or what is built in is not known
 */
export async function findRootDriver(
  initrd: string | undefined,
  release: string,
  root = '/',
): Promise<RootDriver | undefined> {
  const mounts = readTextIfAny(join(root, 'proc/self/mountinfo')) ?? '';
  const builtIn = readTextIfAny(join(root, `usr/lib/modules/${release}/modules.builtin`));
  const type = ROOT_LINE.exec(mounts)?.[1];
  if (type === undefined || builtIn === undefined) return undefined;
  const isDriver = (path: string): boolean => new RegExp(`/${escapeType(type)}\\.ko(?:\\.\\w+)?$`).test(path);
  if (builtIn.split('\n').some(isDriver)) return { type, in: 'kernel' };
  return { type, in: (await hasEntry(initrd, isDriver)) ? 'initrd' : undefined };
}

function escapeType(type: string): string {
  return type.replaceAll(/[^\w]/g, '\\$&');
}

async function hasEntry(path: string | undefined, isWanted: (name: string) => boolean): Promise<boolean> {
  if (path === undefined) return false;
  let isFound = false;
  const look: OnInitrdEntry = ({ name }) => {
    isFound ||= isWanted(name);
  };
  await readInitrd(readFile(path), nodeDecompress, look);
  return isFound;
}
