// CommonJS, as kexec-file.js. Only a Node that has the cache (22.8 and later) loads this file.
const { lstatSync, mkdirSync, realpathSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const { dirname, join } = require('node:path');

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Lets Node keep the code that V8 compiles, in the user's cache folder. V8 runs that code as it is: a folder that
 * another user could write to, or replace, is not used. Without the cache, the command is only slower.
 */
function useCompileCache() {
  try {
    // Checked first, so that root makes no folder in the home of another user, whose environment sudo kept.
    const { XDG_CACHE_HOME } = process.env;
    const base = realpathSync(XDG_CACHE_HOME || homedir());
    if (!isOwn(base)) return;
    const folder = join(base, XDG_CACHE_HOME ? '' : '.cache', 'kexec-file', 'compiled');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = realpathSync(folder);
    if (isOwn(path)) enableCompileCache(path);
  } catch {
    // There is no folder that can be written, or no home.
  }
}

/** Whether only this user and root can change the folder, and which folder has its path. */
function isOwn(folder) {
  for (let path = folder; ; path = dirname(path)) {
    const { uid, mode } = lstatSync(path);
    if (uid !== 0 && uid !== process.geteuid()) return false;
    // In a sticky folder, as /tmp, others cannot replace what is not theirs.
    const isShared = path !== folder && (mode & STICKY) !== 0;
    if ((mode & WRITABLE_BY_OTHERS) !== 0 && !isShared) return false;
    if (path === dirname(path)) return true;
  }
}

module.exports = { useCompileCache };
