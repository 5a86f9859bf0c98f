import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readJson, say } from './files.mjs';

/** Installs the packages of package-lock.json, those for development included, unless they are there. */
export function ensureDependencies() {
  if (areDependenciesCurrent()) return;
  say('installing npm packages');
  runNpm('ci', '--include=dev', '--no-audit', '--no-fund');
}

/** Builds dist, unless nothing has changed since the last build. */
export function ensureBuild() {
  if (isBuildCurrent()) return;
  say('building dist');
  runNpm('run', 'build');
}

/** Builds the executables of dist, for this machine and for the guests of the tests, unless that was done. */
export function ensureExecutables() {
  const built = ['x64', 'arm64'].map((cpu) => join(ROOT, `build/executable/kexec-file-linux-${cpu}`));
  const newest = Math.max(
    findNewestChange(join(ROOT, 'packaging/executable')),
    statSync(join(ROOT, 'dist/index.js')).mtimeMs,
  );
  if (built.every((path) => existsSync(path) && statSync(path).mtimeMs >= newest)) return;
  say('building the executables');
  runScript('packaging/executable/build.mjs');
}

/** Compares package-lock.json with npm's record of installed packages. Optional packages may be for other platforms. */
function areDependenciesCurrent() {
  const wanted = readJson(join(ROOT, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(ROOT, 'node_modules/.package-lock.json'))?.packages;
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '' || (optional && installed[path] === undefined)) return true;
    return installed[path]?.version === version;
  });
}

/** The compiler rewrites every file, so the time of any file is that of the last build. */
function isBuildCurrent() {
  const built = join(ROOT, 'dist/index.js');
  if (!existsSync(built)) return false;
  const sources = [
    'src',
    'scripts/bundle.mjs',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ];
  return sources.every((source) => findNewestChange(join(ROOT, source)) <= statSync(built).mtimeMs);
}

/** The time of a folder counts, too: it changes when a file is added or removed. */
function findNewestChange(path) {
  const status = statSync(path);
  const inside = status.isDirectory()
    ? readdirSync(path).map((name) => findNewestChange(join(path, name)))
    : [];
  return Math.max(status.mtimeMs, ...inside);
}

function runScript(path) {
  const { status, error } = spawnSync(process.execPath, [join(ROOT, path)], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${path} failed`, { cause: error });
}

function runNpm(...args) {
  const { status, error } = spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed`, { cause: error });
}
