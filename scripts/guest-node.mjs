/**
 * Node for arm64 and koffi's binary for arm64, from npm, in the same cache as Debian's packages. The guests of the
 * tests run the command with them. scripts/guest/package.json pins the versions.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { keepPackage, packageFolder, workInCache } from './setup/cache.mjs';
import { ROOT, readJson, say } from './setup/files.mjs';

const MANIFEST = join(ROOT, 'scripts/guest/package.json');
const LOCK = join(ROOT, 'scripts/guest/package-lock.json');

/** The folder whose `node_modules` contains the packages; undefined if they are not in the cache. */
export function guestNode() {
  const folder = packageFolder(nameInCache());
  return existsSync(folder) ? folder : undefined;
}

/**
 * Installs the packages in the cache, unless they are there.
 *
 * @throws Error if they cannot be installed, or if the version of koffi differs from that in package.json
 */
export function fetchGuestNode() {
  checkKoffi();
  if (guestNode() !== undefined) return;
  workInCache((work) => {
    const folder = join(work, 'npm');
    mkdirSync(folder);
    for (const file of [MANIFEST, LOCK]) copyFileSync(file, join(folder, basename(file)));
    say('downloading Node for arm64 (45 MB)');
    installPackages(folder);
    keepPackage(nameInCache(), folder);
  });
}

/**
 * npm installs packages for another platform only if they are optional, and succeeds without them, so they are checked.
 */
function installPackages(folder) {
  const options = [
    '--os=linux',
    '--cpu=arm64',
    '--include=optional',
    '--ignore-scripts',
    '--loglevel=verbose',
    '--no-audit',
    '--no-fund',
  ];
  const { status, stderr, error } = spawnSync('npm', ['ci', '--prefix', folder, ...options], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 2, 'pipe'],
  });
  const names = Object.keys(readJson(MANIFEST).optionalDependencies);
  const missing = names.filter((name) => !existsSync(join(folder, 'node_modules', name)));
  if (status !== 0 || missing.length > 0) {
    throw new Error(`npm did not install ${missing.join(' and ')}: ${stderr}`, { cause: error });
  }
}

function checkKoffi() {
  const wanted = readJson(join(ROOT, 'package.json')).dependencies.koffi;
  const pinned = readJson(MANIFEST).optionalDependencies['@koromix/koffi-linux-arm64'];
  if (wanted !== pinned) {
    throw new Error(
      `package.json has koffi ${wanted}, scripts/guest/package.json has ${pinned}: they must be equal`,
    );
  }
}

/** Includes a digest of the lock file, which determines every byte of the packages. */
function nameInCache() {
  return `guest-node_${createHash('sha256').update(readFileSync(LOCK)).digest('hex').slice(0, 16)}`;
}
