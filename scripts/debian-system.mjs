/**
 * Debian systems for arm64 and amd64 with systemd, apt, sshd and Debian's own kernel, for the tests in test/system: for
 * each a disk image, the kernel and its initrd. They are built once, in the same cache as Debian's packages (10 minutes
 * for an architecture whose programs QEMU runs, 2 for this machine's own):
 *
 *     npm run setup -- --for system
 *
 * debian-system/recipe.mjs says what is in one. Its folder in the cache has a digest of the recipe in its name, and the
 * versions of the packages in `packages`; the packages are those of the day it was built.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDiskImage } from './debian-system/disk-image.mjs';
import { ensureEmulation } from './debian-system/emulation.mjs';
import { findMirror, listProxies } from './debian-system/mirror.mjs';
import {
  ADDED_FILES,
  CUSTOMIZE,
  DISK_SIZE,
  DOWNLOADED,
  digestRecipe,
  listInstalled,
  ROOT_UUID,
  SOURCE_DATE_EPOCH,
  SUITE,
} from './debian-system/recipe.mjs';
import { keepPackage, packageFolder, workInCache } from './setup/cache.mjs';
import { say } from './setup/files.mjs';

/**
 * What the tests need to start a system; undefined if it is not in the cache.
 *
 * @param architecture - one of the recipe's ARCHITECTURES
 */
export function debianSystem(architecture) {
  const folder = packageFolder(nameInCache(architecture));
  if (!existsSync(folder)) return undefined;
  return {
    disk: join(folder, 'disk.ext4'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd.img'),
    packages: join(folder, 'packages'),
    rootUuid: ROOT_UUID,
  };
}

/**
 * Builds a system, unless it is in the cache.
 *
 * @param architecture - one of the recipe's ARCHITECTURES
 * @throws Error if it cannot be built; the output of mmdebstrap is on standard error
 */
export function buildDebianSystem(architecture) {
  if (debianSystem(architecture) !== undefined) return;
  ensureEmulation(architecture);
  workInCache((work) => {
    const started = Date.now();
    const mirror = findMirror(SUITE, work);
    const folder = join(work, 'system');
    mkdirSync(folder);
    say(`building a Debian system (${SUITE}, ${architecture}) from ${mirror}; this takes up to 10 minutes`);
    runMmdebstrap(architecture, mirror, join(folder, 'system.tar'));
    say('packing the disk image');
    buildDiskImage(folder, 'system.tar', { uuid: ROOT_UUID, size: DISK_SIZE });
    rmSync(join(folder, 'system.tar'));
    keepPackage(nameInCache(architecture), folder);
    say(
      `built in ${Math.round((Date.now() - started) / 1000)} s: ${packageFolder(nameInCache(architecture))}`,
    );
  });
}

/** mmdebstrap makes the same archive of the same packages, if it knows the time: SOURCE_DATE_EPOCH. */
function runMmdebstrap(architecture, mirror, archive) {
  const { status, error } = spawnSync(
    'mmdebstrap',
    [
      ...[
        `--arch=${architecture}`,
        '--variant=minbase',
        `--include=${listInstalled(architecture).join(',')}`,
      ],
      ...listProxies().map((option) => `--aptopt=${option}`),
      // The image is written anew if the build is interrupted; and nobody asks whatis about it.
      '--dpkgopt=force-unsafe-io',
      `--essential-hook=echo man-db man-db/auto-update boolean false | chroot "$1" debconf-set-selections`,
      `--customize-hook=${quoteHook([CUSTOMIZE, '$1', ADDED_FILES, ROOT_UUID, ...DOWNLOADED])}`,
      // The lists of the system's own repository.
      '--skip=cleanup/apt/lists',
      ...[SUITE, archive, mirror],
    ],
    { stdio: ['ignore', 2, 2], env: { ...process.env, SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH) } },
  );
  if (status !== 0) throw new Error('mmdebstrap failed: its last lines say why', { cause: error });
}

/** A hook runs in a shell, where $1 is the folder of the system. */
function quoteHook(words) {
  return words
    .map((word) => (word.startsWith('$') ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

function nameInCache(architecture) {
  return `debian-system_${SUITE}-${architecture}_${digestRecipe()}`;
}
