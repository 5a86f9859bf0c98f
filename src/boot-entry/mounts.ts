import { refuse } from '../base/error.js';
import type { EntryFiles } from './entry-files.js';

/** A mounted file system. */
interface Mount {
  readonly mountPoint: string;
  /** The folder of the file system that is mounted there: `/`, or a subvolume such as `/@`. */
  readonly root: string;
}

/**
 * Parses /proc/self/mountinfo (proc_pid_mountinfo(5)): the fourth field is the root within the file system, the fifth
 * the mount point. Lines of another form are ignored.
 */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, , , root, mountPoint] = line.split(' ');
    return root?.startsWith('/') === true && mountPoint?.startsWith('/') === true
      ? [{ root: decodeOctal(root), mountPoint: decodeOctal(mountPoint) }]
      : [];
  });
}

/** The kernel writes space, tab, line feed and backslash as three octal digits. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/**
 * Finds a file that a boot loader names by its path within a file system.
 *
 * @param path - from the root of the file system that has `near`, as boot loaders count; backslashes are slashes
 * @param near - the file or folder that names it
 * @param what - for the error: `kernel`, `initrd`
 * @returns its absolute path on this machine
 * @throws KexecError `ENOENT`, check `boot-entry-file`
 */
export function locateFile(
  files: EntryFiles,
  path: string,
  { near, what }: { readonly near: string; readonly what: string },
): string {
  const wanted = normalizePath(path);
  const candidates = listCandidates(files, wanted, near);
  const found = candidates.find((candidate) => files.isFile(candidate));
  if (found !== undefined) return found;
  refuse(
    'boot-entry-file',
    'ENOENT',
    `the ${what} of the entry is missing: there is no ${candidates.join(' and no ')}`,
  );
}

function listCandidates(files: EntryFiles, path: string, near: string): string[] {
  const mount = findMount(files, near);
  const within = mount === undefined ? undefined : stripPrefix(path, mount.root);
  const candidates = [
    ...(mount === undefined || within === undefined ? [] : [joinPath(mount.mountPoint, within)]),
    // Without a list of mounts, as in an image of a root: the folder of the loader, if that is a partition, or the root.
    ...(mount === undefined ? [joinPath(findBootFolder(near), path)] : []),
    path,
  ];
  return [...new Set(candidates)];
}

/** The mount with the longest mount point that contains a path; the last of them, which is on top. */
function findMount(files: EntryFiles, near: string): Mount | undefined {
  const mounts = parseMounts(files.readText('/proc/self/mountinfo') ?? '');
  return mounts
    .filter(({ mountPoint }) => stripPrefix(near, mountPoint) !== undefined)
    .reduce<Mount | undefined>(
      (best, mount) =>
        best === undefined || mount.mountPoint.length >= best.mountPoint.length ? mount : best,
      undefined,
    );
}

function findBootFolder(near: string): string {
  return (
    ['/boot/efi', '/boot/firmware', '/boot', '/efi'].find(
      (folder) => stripPrefix(near, folder) !== undefined,
    ) ?? '/'
  );
}

/** The rest of a path behind a folder; undefined if it is not below it. */
function stripPrefix(path: string, folder: string): string | undefined {
  if (folder === '/') return path;
  if (path === folder) return '/';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length) : undefined;
}

/** Joins a folder and a path below it. */
export function joinPath(folder: string, path: string): string {
  return normalizePath(`${folder}/${path}`);
}

/** An absolute path without empty, `.` and `..` parts. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
