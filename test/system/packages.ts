import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../support/programs.js';

const FOLDER = fileURLToPath(new URL('../../build/deb', import.meta.url));

/**
 * Finds a package that `npm run deb` built.
 *
 * @returns its file
 * @throws Error if it is not there, or of several versions
 */
export function findDeb(name: string, architecture: string): string {
  const pattern = new RegExp(`^${name}_[^_]+_${architecture}\\.deb$`);
  const found = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => pattern.test(file)) : [];
  const [file] = found;
  if (file === undefined || found.length > 1) {
    throw new Error(
      `build/deb has ${found.length} packages ${name} for ${architecture}: run \`npm run deb\``,
    );
  }
  return join(FOLDER, file);
}

/**
 * Makes the next version of a package: the same files, a higher version, and a line more in each file of configuration,
 * as if its maintainer had changed them.
 *
 * @param folder - for the package; the caller removes it
 * @returns its file
 */
export function buildNextVersion(deb: string, folder: string): string {
  const tree = join(folder, 'tree');
  mkdirSync(folder, { recursive: true });
  runProgram('dpkg-deb', ['-R', deb, tree]);
  const control = join(tree, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, '$&+next'));
  for (const path of listConffiles(tree)) {
    writeFileSync(
      join(tree, path),
      `# Changed in the next version.\n${readFileSync(join(tree, path), 'utf8')}`,
    );
  }
  const next = join(folder, 'next.deb');
  // Packed fast: nobody keeps it.
  runProgram('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z1', '-b', tree, next]);
  return next;
}

function listConffiles(tree: string): string[] {
  const path = join(tree, 'DEBIAN/conffiles');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}
