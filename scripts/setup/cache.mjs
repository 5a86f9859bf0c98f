/** The cache that all checkouts of a user share: unpacked packages, a folder for each version. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The age in milliseconds at which leftovers of interrupted runs are removed. */
const MAX_LEFTOVER_AGE = 24 * 60 * 60 * 1000;

/** A path in the cache. */
export function cachePath(...names) {
  const { XDG_CACHE_HOME: home = '' } = process.env;
  return join(isAbsolute(home) ? home : join(homedir(), '.cache'), 'kexec-file', ...names);
}

/** The folder of a package. @param name - includes the version */
export function packageFolder(name) {
  return cachePath('packages', name);
}

/**
 * Calls a function with a new folder in the cache, and removes the folder afterwards.
 *
 * @returns the function's result
 */
export function workInCache(work) {
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
 * Moves a complete folder to its place among the packages, in one step: other runs never see half of it.
 *
 * @param folder - in the folder of workInCache()
 * @returns the package's folder
 */
export function keepPackage(name, folder) {
  const kept = packageFolder(name);
  try {
    renameSync(folder, kept);
  } catch (error) {
    // Another run was faster, and its folder has the same contents.
    if (!existsSync(kept)) throw error;
  }
  return kept;
}

function removeLeftovers() {
  for (const name of readdirSync(cachePath('partial'))) {
    const path = cachePath('partial', name);
    const age = Date.now() - statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (age > MAX_LEFTOVER_AGE) rmSync(path, { recursive: true, force: true });
  }
}
