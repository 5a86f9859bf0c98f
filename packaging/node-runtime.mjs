/** The Node in the executables, for licences and the bill of materials. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPlatformPackages } from '../scripts/platform-packages.mjs';
import { listPinnedPackages } from './pinned-packages.mjs';

/**
 * Reads the facts of Node from the packages of npm that packaging/executable/package-lock.json pins.
 *
 * @returns `version`; `versions`, its process.versions; `text`, its licence with those of its parts; `packages`, that of
 *   each platform
 */
export function readNodeRuntime() {
  const folder = fetchPlatformPackages('executable', process.arch);
  const node = join(folder, 'node_modules', `node-linux-${process.arch}`);
  const args = ['--print', 'JSON.stringify(process.versions)'];
  const { status, error, stdout } = spawnSync(join(node, 'bin/node'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Node in ${node} cannot be run`, { cause: error });
  const versions = JSON.parse(stdout);
  return {
    version: versions.node,
    versions,
    text: readFileSync(join(node, 'LICENSE'), 'utf8'),
    packages: listPinnedPackages('node-linux-'),
  };
}
