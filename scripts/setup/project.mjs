import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readJson, say } from './files.mjs';

/** Installs the packages of package-lock.json, development's too, unless they are there. */
export function ensureDependencies() {
  if (dependenciesAreCurrent()) return;
  say('installing npm packages');
  npm('ci', '--include=dev', '--no-audit', '--no-fund');
}

/** Compiles src to dist, unless nothing has changed since. */
export function ensureBuild() {
  if (buildIsCurrent()) return;
  say('building dist');
  npm('run', 'build');
}

/** npm notes what it installed. Packages for other platforms are optional, and not installed. */
function dependenciesAreCurrent() {
  const wanted = readJson(join(ROOT, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(ROOT, 'node_modules/.package-lock.json'))?.packages;
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '' || (optional && installed[path] === undefined)) return true;
    return installed[path]?.version === version;
  });
}

/** The compiler writes every file anew, so that any of them tells when it last ran. */
function buildIsCurrent() {
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
  return sources.every((source) => newestChange(join(ROOT, source)) <= statSync(built).mtimeMs);
}

/** A folder's own time counts: it is when a file in it was last added or removed. */
function newestChange(path) {
  const status = statSync(path);
  const inside = status.isDirectory() ? readdirSync(path).map((name) => newestChange(join(path, name))) : [];
  return Math.max(status.mtimeMs, ...inside);
}

function npm(...args) {
  const { status, error } = spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed`, { cause: error });
}
