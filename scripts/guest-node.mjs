/**
 * Node for arm64 and koffi's binary for it, from npm, in the same cache as Debian's packages: guests of the tests run
 * the command with them. scripts/guest/package.json pins the versions.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inCache, keepPackage, packageFolder } from './setup/cache.mjs';
import { ROOT, readJson, say } from './setup/files.mjs';

const MANIFEST = join(ROOT, 'scripts/guest/package.json');
const LOCK = join(ROOT, 'scripts/guest/package-lock.json');

/** The folder that has the packages in its `node_modules`; undefined if they are not in the cache. */
export function guestNode() {
  const folder = packageFolder(nameInCache());
  return existsSync(folder) ? folder : undefined;
}

/**
 * Installs the packages in the cache, unless they are there.
 *
 * @throws Error if they cannot be had, or koffi is not of the version that package.json has
 */
export function fetchGuestNode() {
  checkKoffi();
  if (guestNode() !== undefined) return;
  inCache((work) => {
    const folder = join(work, 'npm');
    mkdirSync(folder);
    for (const file of [MANIFEST, LOCK]) copyFileSync(file, join(folder, basename(file)));
    say('downloading Node for arm64 (45 MB)');
    installHere(folder);
    keepPackage(nameInCache(), folder);
  });
}

/** For another platform than this machine's, which npm allows for optional packages only; so it ends well without them, too. */
function installHere(folder) {
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
      `package.json has koffi ${wanted}, scripts/guest/package.json ${pinned}: they have to be equal`,
    );
  }
}

/** The lock file tells what is installed, to the byte. */
function nameInCache() {
  return `guest-node_${createHash('sha256').update(readFileSync(LOCK)).digest('hex').slice(0, 16)}`;
}
