/** What the Debian systems for tests consist of. A change of anything here, or of a file beside it, builds new images. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

/** The hook that completes the system, and the files that it adds. */
export const CUSTOMIZE = join(FOLDER, 'customize.sh');
export const ADDED_FILES = join(FOLDER, 'files');

/** Debian's release, and its names of the architectures that a system is built for. */
export const SUITE = 'trixie';
export const ARCHITECTURES = ['arm64', 'amd64'];

/** Installed, besides what `minbase` is (packages of priority required, and apt). The kernel is the architecture's. */
export const listInstalled = (architecture) => [
  ...['systemd-sysv', 'udev', 'dbus', 'kmod', 'iproute2', 'login', 'passwd'],
  ...['openssh-server', 'ca-certificates', 'python3'],
  // zstd compresses the initrd, as in systems that Debian's installer sets up.
  ...[`linux-image-cloud-${architecture}`, 'initramfs-tools', 'zstd'],
  ...['man-db', 'bash-completion'],
];

/** In the system's repository, with what they depend on: `apt install` in the system finds them without a network. */
export const DOWNLOADED = ['kexec-tools', 'kdump-tools', 'makedumpfile', 'shim-unsigned'];

/** The UUID of the root file system: the command line of the kernel names it. */
export const ROOT_UUID = '6b657865-632d-4669-6c65-000000000014';

/** Sparse: the file takes as much as the system's files. */
export const DISK_SIZE = '4G';

/** The time of files that the build writes, in seconds: 2025-08-09, the day of trixie's release. */
export const SOURCE_DATE_EPOCH = 1754697600;

/** A digest of the recipe. */
export function digestRecipe() {
  const hash = createHash('sha256');
  for (const path of listFiles(FOLDER))
    hash.update(`${path.slice(FOLDER.length)}\0`).update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

function listFiles(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => listFiles(join(path, name)));
}
