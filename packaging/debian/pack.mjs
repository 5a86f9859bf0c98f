import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PackageTree } from './tree.mjs';

/** Level 4 packs an executable of 108 MB to 28.3 MB in 34 s of CPU time; level 6, the default, to 27.3 MB in 52 s. */
const COMPRESSION = ['-Zxz', '-z4'];

/**
 * Packs a tree with its control files by dpkg-deb. The package depends only on these and on the date: dpkg-deb writes
 * files in order, owned by root, and the number of threads does not change what it compresses.
 *
 * @param tree - a PackageTree
 * @param fields - the text of the control file
 * @param scripts - a folder with maintainer scripts
 * @param path - of the package
 * @param date - of all files, in seconds since 1970
 * @returns whether it was packed; false if the package was already there, from the same contents
 */
export function packPackage({ tree, fields, scripts, path, date }) {
  const whole = new PackageTree();
  tree.copyTo(whole);
  whole.addFolder('DEBIAN', scripts);
  whole.addText('DEBIAN/control', fields);
  whole.addText(
    'DEBIAN/md5sums',
    tree.formatMd5sums((name) => !isConffile(name)),
  );
  const conffiles = tree.paths.filter(isConffile);
  if (conffiles.length > 0) whole.addText('DEBIAN/conffiles', conffiles.map((name) => `/${name}\n`).join(''));

  const record = join(dirname(path), `.${basename(path)}.contents`);
  const contents = `${whole.digest} ${date} ${COMPRESSION.join(' ')} ${readVersion()}\n`;
  if (readText(record) === contents && readText(path) !== undefined) return false;

  mkdirSync(dirname(path), { recursive: true });
  rmSync(record, { force: true });
  const folder = mkdtempSync(join(dirname(path), '.packing-'));
  try {
    whole.writeTo(join(folder, 'tree'), date);
    runDpkgDeb(
      ['--root-owner-group', ...COMPRESSION, '--build', join(folder, 'tree'), join(folder, 'deb')],
      date,
    );
    renameSync(join(folder, 'deb'), path);
    writeFileSync(record, contents);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** dpkg keeps an administrator's changes of these (Debian policy 10.7). */
function isConffile(path) {
  return path.startsWith('etc/');
}

function readVersion() {
  return runDpkgDeb(['--version']).split('\n')[0];
}

function runDpkgDeb(args, date) {
  const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC', SOURCE_DATE_EPOCH: String(date) };
  // They would override the options above (dpkg-deb(1)).
  for (const name of Object.keys(environment)) if (name.startsWith('DPKG_')) delete environment[name];
  const { status, error, stdout, stderr } = spawnSync('dpkg-deb', args, {
    encoding: 'utf8',
    env: environment,
  });
  if (error?.code === 'ENOENT') {
    throw new Error(
      'dpkg-deb is not installed: on Debian it is part of dpkg, elsewhere install the package dpkg',
    );
  }
  if (status !== 0) throw new Error(`dpkg-deb failed: ${stderr?.trim() ?? error}`, { cause: error });
  return stdout;
}

/** The text of a file; undefined if there is none. */
function readText(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
