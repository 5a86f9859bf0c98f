/** A file system image made of an archive of files, without a mount and without root. */

import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

/**
 * Unpacks the archive and packs the files as ext4. Copies kernel and initrd out of /boot, which QEMU starts, and lists
 * the packages. Without `lazy_…`, the kernel would write the inode tables while tests run.
 */
const SCRIPT = `
  mkdir root
  tar -xpf "$1" --xattrs --xattrs-include='*' --numeric-owner -C root
  cp root/boot/vmlinuz-* vmlinuz
  cp root/boot/initrd.img-* initrd.img
  chmod 644 vmlinuz initrd.img
  dpkg-query --admindir=root/var/lib/dpkg -W -f '\${Package} \${Version}\\n' > packages
  mke2fs -q -t ext4 -L debian -U "$2" -m 1 \\
    -E "lazy_itable_init=0,lazy_journal_init=0,hash_seed=$2" -d root disk.ext4 "$3"
  rm -rf root
`;

/**
 * Writes `disk.ext4`, `vmlinuz`, `initrd.img` and `packages`.
 *
 * @param folder - where they are written; it contains the archive
 * @param archive - a tar, by its name in the folder
 * @param uuid - of the file system
 * @param size - of the file system, in mke2fs's form
 */
export function buildDiskImage(folder, archive, { uuid, size }) {
  // Under fakeroot, owners and device nodes are kept for a user who is not root.
  const { status, stderr, error } = spawnSync('fakeroot', ['sh', '-euc', SCRIPT, 'sh', archive, uuid, size], {
    cwd: folder,
    encoding: 'utf8',
    // mke2fs is only in root's PATH.
    env: { ...process.env, PATH: [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter) },
  });
  if (status !== 0) {
    throw new Error(`cannot pack the Debian system: ${error?.message ?? stderr.trim()}`, { cause: error });
  }
}
