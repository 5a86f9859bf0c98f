import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dlopen } from 'node:process';

/** Folders in memory come first; one that is mounted with `noexec` cannot contain a library. */
const FOLDERS = ['/dev/shm', '/run', tmpdir(), '/var/tmp', '/'];

/**
 * Loads a native add-on that is not a file: writes it into a temporary file, and removes its name before it is loaded.
 * The system linker opens it by its descriptor, so that nobody can put another file in its place.
 *
 * @param bytes - of a shared library
 * @param folders - tried in turn
 * @returns the exports of the add-on
 * @throws Error that says for each folder why it cannot be loaded from there
 */
export function loadAddon(bytes: Uint8Array, folders: readonly string[] = FOLDERS): unknown {
  const failures: string[] = [];
  for (const folder of new Set(folders)) {
    try {
      return loadFrom(folder, bytes);
    } catch (error) {
      failures.push(`${folder}: ${describe(error as NodeJS.ErrnoException)}`);
    }
  }
  throw new Error(`no folder can contain its library: ${failures.join('; ')}`);
}

function loadFrom(folder: string, bytes: Uint8Array): unknown {
  const path = join(folder, `.kexec-file-${randomUUID()}.node`);
  const descriptor = openSync(path, 'wx+', 0o700);
  try {
    try {
      writeFileSync(descriptor, bytes);
    } finally {
      rmSync(path);
    }
    const module: { readonly exports: unknown } = { exports: {} };
    const opened = `/proc/self/fd/${descriptor}`;
    // The linker only says that it "failed to map segment", if the file system is mounted with noexec.
    accessSync(opened, constants.X_OK);
    dlopen(module, opened);
    return module.exports;
  } finally {
    closeSync(descriptor);
  }
}

/** Says why, without the path of a file that is gone. */
function describe({ code, syscall, message }: NodeJS.ErrnoException): string {
  if (code === 'EACCES' && syscall === 'access') return 'EACCES: mounted with noexec';
  if (code === 'ERR_DLOPEN_FAILED') return message.replace(/^\/proc\/self\/fd\/\d+: /, '').trim();
  return message.replace(/, \w+( '[^']*')?$/, '');
}
