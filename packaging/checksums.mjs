/**
 * Writes build/SHA256SUMS over all that is given to users, for `sha256sum --check` in build: `npm run checksums`.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/setup/files.mjs';

const BUILD = join(ROOT, 'build');

/** The folders of build with files for users, and the names of these. */
const ARTEFACTS = {
  deb: /^[^.].*\.deb$/,
  executable: /^kexec-file-linux-\w+(\.tar\.xz)?$/,
  npm: /\.tgz$/,
  oci: /^[^.].*\.oci\.tar$/,
  sbom: /\.cdx\.json$/,
};

/** Lists artefacts, by their paths from build, in order. */
function listArtefacts() {
  return Object.entries(ARTEFACTS).flatMap(([folder, name]) => {
    const path = join(BUILD, folder);
    const names = existsSync(path) ? readdirSync(path).filter((file) => name.test(file)) : [];
    return names.sort().map((file) => `${folder}/${file}`);
  });
}

const lines = listArtefacts().map((path) => {
  const digest = createHash('sha256')
    .update(readFileSync(join(BUILD, path)))
    .digest('hex');
  return `${digest}  ${path}\n`;
});
if (lines.length === 0) {
  process.stderr.write('checksums: build has nothing yet: run npm run release\n');
  process.exitCode = 1;
} else {
  writeFileSync(join(BUILD, 'SHA256SUMS'), lines.join(''));
  process.stdout.write(lines.join(''));
}
