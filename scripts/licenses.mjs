/** The licences of the npm packages that a bundle contains. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readJson } from './setup/files.mjs';

const LINE = `\n${'-'.repeat(80)}\n\n`;

/**
 * Lists this project's licence, and those of packages.
 *
 * @param modules - paths of the modules in the bundle
 * @throws Error if a package has no licence that can be included
 */
export function formatLicences(modules) {
  const parts = listPackageFolders(modules).map(readLicence);
  return [`kexec-file\n\n${readFileSync(join(ROOT, 'LICENSE'), 'utf8')}`, ...parts].join(LINE);
}

/** The folders of the packages that these modules are in, in order. */
export function listPackageFolders(modules) {
  const folders = modules.flatMap((path) => path.match(/^.*\/node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

function readLicence(folder) {
  const { name, version } = readJson(join(folder, 'package.json'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e[-.\w]*$/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no file with its licence`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8')}`;
}
