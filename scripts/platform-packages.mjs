/**
 * Node and koffi's binary for a platform, from npm, in the same cache as Debian's packages: for the guests of the
 * tests, and for the executables. The package.json of each folder of SETS pins the versions.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepPackage, packageFolder, workInCache } from './setup/cache.mjs';
import { ROOT, readJson, say } from './setup/files.mjs';

const SETS = { guest: 'scripts/guest', executable: 'packaging/executable' };

/**
 * The folder whose `node_modules` contains the packages; undefined if they are not in the cache.
 *
 * @param set - a key of SETS
 * @param cpu - `arm64` or `x64`, as Node names them
 */
export function platformPackages(set, cpu) {
  const folder = packageFolder(nameInCache(set, cpu));
  return existsSync(folder) ? folder : undefined;
}

/**
 * Installs the packages in the cache, unless they are there.
 *
 * @returns their folder
 * @throws Error if they cannot be installed, or if the version of koffi differs from that in package.json
 */
export function fetchPlatformPackages(set, cpu) {
  checkKoffi(set, cpu);
  const kept = platformPackages(set, cpu);
  if (kept !== undefined) return kept;
  return workInCache((work) => {
    const folder = join(work, 'npm');
    mkdirSync(folder);
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join(ROOT, SETS[set], file), join(folder, file));
    }
    say(`downloading Node for linux-${cpu} (45 MB)`);
    installPackages(folder, set, cpu);
    return keepPackage(nameInCache(set, cpu), folder);
  });
}

/**
 * npm installs packages for another platform only if they are optional, and succeeds without them, so they are checked.
 */
function installPackages(folder, set, cpu) {
  const options = [
    '--os=linux',
    `--cpu=${cpu}`,
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
  const names = Object.keys(readPins(set)).filter((name) => name.endsWith(`-${cpu}`));
  const missing = names.filter((name) => !existsSync(join(folder, 'node_modules', name)));
  if (status !== 0 || missing.length > 0) {
    throw new Error(`npm did not install ${missing.join(' and ')}: ${stderr}`, { cause: error });
  }
}

function checkKoffi(set, cpu) {
  const wanted = readJson(join(ROOT, 'package.json')).dependencies.koffi;
  const pinned = readPins(set)[`@koromix/koffi-linux-${cpu}`];
  if (wanted !== pinned) {
    throw new Error(
      `package.json has koffi ${wanted}, ${SETS[set]}/package.json has ${pinned}: they must be equal`,
    );
  }
}

function readPins(set) {
  return readJson(join(ROOT, SETS[set], 'package.json')).optionalDependencies;
}

/** Includes a digest of the lock file, which determines every byte of the packages. */
function nameInCache(set, cpu) {
  const digest = createHash('sha256').update(readFileSync(join(ROOT, SETS[set], 'package-lock.json')));
  return `${set}-node-${cpu}_${digest.digest('hex').slice(0, 16)}`;
}
