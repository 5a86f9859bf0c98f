/**
 * Jazzer.js, a fuzzer that libFuzzer drives by coverage, in the cache of all checkouts: its npm packages, and the C library of
 * trixie, because its binary wants glibc 2.38 or later.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackage, FUZZER_LIBRARIES } from '../debian.mjs';
import { keepPackage, packageFolder, workInCache } from '../setup/cache.mjs';
import { ROOT, say } from '../setup/files.mjs';

const FILES = ['package.json', 'package-lock.json'];
const FOLDER = join(ROOT, 'scripts/fuzz');

/** Where Debian has libraries and their loader, by the name that Node has for the CPU. */
const LIBRARY_FOLDERS = {
  x64: { folder: 'usr/lib/x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { folder: 'usr/lib/aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/**
 * Installs the fuzzer in the cache, unless it is there.
 *
 * @throws Error if npm cannot install it
 */
export function fetchFuzzer() {
  if (existsSync(packageFolder(nameInCache()))) return;
  workInCache((work) => {
    const folder = join(work, 'npm');
    mkdirSync(folder);
    for (const file of FILES) copyFileSync(join(FOLDER, file), join(folder, file));
    say('downloading Jazzer.js (30 MB)');
    // Its binaries are in the package.
    const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
    const { status, stderr, error } = spawnSync('npm', ['ci', '--prefix', folder, ...options], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 2, 'pipe'],
    });
    if (status !== 0) throw new Error(`npm did not install Jazzer.js: ${stderr}`, { cause: error });
    keepPackage(nameInCache(), folder);
  });
}

/**
 * The command that starts the fuzzer: Node, in trixie's C library if this machine's is older.
 *
 * @returns program and first arguments
 */
export function fuzzerCommand() {
  const program = join(packageFolder(nameInCache()), 'node_modules/@jazzer.js/core/dist/cli.js');
  return [...libraryCommand(), process.execPath, program];
}

function libraryCommand() {
  const [major, minor] = process.report.getReport().header.glibcVersionRuntime.split('.').map(Number);
  if (major > 2 || minor >= 38) return [];
  const { folder, loader } = LIBRARY_FOLDERS[process.arch];
  const folders = FUZZER_LIBRARIES.map((key) => join(debianPackage(key), folder));
  const loaderPath = folders.map((path) => join(path, loader)).find(existsSync);
  return [loaderPath, '--library-path', folders.join(':')];
}

/** Includes a digest of the lock file, which determines every byte of the packages. */
function nameInCache() {
  const digest = createHash('sha256').update(readFileSync(join(FOLDER, 'package-lock.json')));
  return `fuzzer_${digest.digest('hex').slice(0, 16)}`;
}
