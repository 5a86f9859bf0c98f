/** The npm packages whose code is in the executables, for the copyright file and the bill of materials. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readJson } from '../scripts/setup/files.mjs';
import { listPinnedPackages } from './pinned-packages.mjs';

/**
 * Lists the packages.
 *
 * @returns by name: `name`, `version`, `license` (SPDX), `integrity` (as npm has it), and `text`, the licence's text
 * @throws Error if the command was not bundled, or a package has no licence text
 */
export function listNpmPackages() {
  const folders = readJson(join(ROOT, 'build/bundled-packages.json'));
  if (folders === undefined) throw new Error('build/bundled-packages.json is missing: run npm run build');
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return folders
    .map((folder) => {
      const { version, license, integrity } = lock[folder];
      const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, license, integrity, text: readLicense(folder) };
    })
    .concat(
      listPinnedPackages('@koromix/').map((pinned) => ({
        ...pinned,
        text: readLicense('node_modules/koffi'),
      })),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function readLicense(folder) {
  const file = readdirSync(join(ROOT, folder)).find((name) => /^(licen[cs]e|copying)\b/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no file with its licence`);
  return readFileSync(join(ROOT, folder, file), 'utf8');
}
