/** The cache that all checkouts of a user share: unpacked packages, each version in a folder of its own. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Age at which what an interrupted run left behind is removed, in milliseconds. */
const LEFTOVER_AGE = 24 * 60 * 60 * 1000;

/** Where in the cache something is. */
export function cachePath(...names) {
  const { XDG_CACHE_HOME: home = '' } = process.env;
  return join(isAbsolute(home) ? home : join(homedir(), '.cache'), 'kexec-file', ...names);
}

/** The folder of a package. @param name - with its version */
export function packageFolder(name) {
  return cachePath('packages', name);
}

/** Does some work in a new folder of the cache, and removes it afterwards. */
export function inCache(work) {
  for (const name of ['packages', 'wanted', 'partial']) mkdirSync(cachePath(name), { recursive: true });
  removeLeftovers();
  const folder = mkdtempSync(cachePath('partial', 'work-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Makes a complete folder a package's: it is there as a whole or not at all.
 *
 * @param folder - in the folder that inCache gave, where it was made
 * @returns the package's folder
 */
export function keepPackage(name, folder) {
  const kept = packageFolder(name);
  try {
    renameSync(folder, kept);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(kept)) throw error;
  }
  return kept;
}

function removeLeftovers() {
  for (const name of readdirSync(cachePath('partial'))) {
    const path = cachePath('partial', name);
    const age = Date.now() - statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (age > LEFTOVER_AGE) rmSync(path, { recursive: true, force: true });
  }
}
