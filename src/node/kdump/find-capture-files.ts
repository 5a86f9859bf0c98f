import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { refuse } from '../../base/error.js';
import { splitMember } from '../files/member-path.js';
import { readTextIfAny } from '../files/read-file.js';

/** The files that the service loads: paths. */
export interface CaptureFiles {
  readonly kernel: string;
  /** Undefined if none was found. */
  readonly initrd: string | undefined;
}

/** What the administrator chose: paths. */
interface ChosenFiles {
  readonly kernel?: string | undefined;
  readonly initrd?: string | undefined;
}

/**
 * Finds the kernel and the initrd that a crash starts: those that the settings name, else those of the running kernel's
 * release, where distributions install them.
 *
 * @param release - `uname -r`
 * @param root - the root of the file system; a folder in a test
 * @throws KexecError `ENOENT`, check `kdump-files`, if a file does not exist; an initrd need not exist unless it is
 *   named.
 */
export function findCaptureFiles(chosen: ChosenFiles, release: string, root = '/'): CaptureFiles {
  const exists = (path: string): boolean => existsSync(splitMember(join(root, path)).path);
  const { kernel, initrd } = chosen;
  for (const [key, path] of Object.entries({ kernel, initrd })) {
    if (path !== undefined && !exists(path))
      refuse('kdump-files', 'ENOENT', `[kdump] ${key} names ${path}, which does not exist`, {
        cure: `correct [kdump] ${key} in /etc/kexec-file.conf, or delete the line`,
      });
  }
  const found = kernel ?? listKernels(release, root).find(exists);
  if (found === undefined) refuseMissing(release, root);
  const own = /^vmlinu[xz]-(.+)$/.exec(basename(found))?.[1] ?? release;
  return { kernel: found, initrd: initrd ?? listInitrds(own, root).find(exists) };
}

function refuseMissing(release: string, root: string): never {
  const tried = listKernels(release, root).join(', ');
  refuse('kdump-files', 'ENOENT', `the running kernel is ${release}, and none of its files exists: ${tried}`);
}

function listKernels(release: string, root: string): string[] {
  return [
    `/boot/vmlinuz-${release}`,
    `/usr/lib/modules/${release}/vmlinuz`,
    `/boot/vmlinux-${release}`,
    `/boot/Image-${release}`,
    ...listEntryFolders(release, root).map((folder) => `${folder}/linux`),
  ];
}

/** Of Debian, Fedora, SUSE, image-based systems, and kernel-install. */
function listInitrds(release: string, root: string): string[] {
  return [
    `/boot/initrd.img-${release}`,
    `/boot/initramfs-${release}.img`,
    `/boot/initrd-${release}`,
    `/usr/lib/modules/${release}/initramfs.img`,
    ...listEntryFolders(release, root).map((folder) => `${folder}/initrd`),
  ];
}

/** The folders in which kernel-install puts a release: below the entry token, which is the machine's id by default. */
function listEntryFolders(release: string, root: string): string[] {
  const tokens = ['/etc/kernel/entry-token', '/etc/machine-id'].flatMap((path) => {
    const token = readTextIfAny(join(root, path))?.trim() ?? '';
    return /^[\w.-]+$/.test(token) && !token.startsWith('.') ? [token] : [];
  });
  return [...new Set(tokens)].flatMap((token) =>
    ['/boot', '/efi', '/boot/efi'].map((place) => `${place}/${token}/${release}`),
  );
}
