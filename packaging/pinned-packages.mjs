import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/setup/files.mjs';

const LOCK = join(ROOT, 'packaging/executable/package-lock.json');

/**
 * Lists the packages of npm with the binaries in the executables: Node and koffi's, for each platform.
 *
 * @param prefix - with which their names begin
 * @returns name, version, license (SPDX) and integrity (as npm has it) of each
 */
export function listPinnedPackages(prefix) {
  return Object.entries(JSON.parse(readFileSync(LOCK, 'utf8')).packages)
    .map(([path, { version, license, integrity }]) => ({
      ...{ name: path.replace(/^node_modules\//, ''), version, license, integrity },
    }))
    .filter(({ name }) => name.startsWith(prefix));
}
