/** The licences of the packages whose code is in the package, so that it goes with their notices. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, readJson } from '../setup/files.mjs';

/** What the command and the library import, and is bundled. What these packages import is bundled, too. */
const BUNDLED = [
  ...[
    '@noble/curves',
    '@noble/hashes',
    '@noble/post-quantum',
    'cli-progress',
    'commander',
    'get-east-asian-width',
    'modern-tar',
  ],
  ...['picocolors', 'smol-toml', 'zod'],
];

/**
 * Lists the bundled packages.
 *
 * @param imported - names of packages that are in a bundle, to be compared
 * @throws Error for one that is not in the list
 */
function listPackages(imported) {
  const found = new Map();
  const visit = (name, importer) => {
    if (found.has(name)) return;
    const folder = findPackage(name, importer);
    const manifest = readJson(join(folder, 'package.json'));
    found.set(name, { folder, ...manifest });
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency, folder);
  };
  for (const name of BUNDLED) visit(name, ROOT);
  const unknown = [...imported].filter((name) => !found.has(name));
  if (unknown.length > 0) throw new Error(`bundled without a licence: ${unknown.join(', ')}`);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The folder of a package for another one that imports it: Node looks in each node_modules on the way up. */
function findPackage(name, importer) {
  for (let folder = importer; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(found)) return found;
    if (folder === ROOT || folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

/** Formats the notices: each package with its version and the text of its licence. */
export function formatLicences(imported) {
  const notices = listPackages(imported).map(([name, { folder, version, license }]) => {
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `The command and the library contain code of these packages.\n${line}${notices.join(line)}`;
}
