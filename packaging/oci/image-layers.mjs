/** The files of the image, in two layers: what the executable needs of Debian, and the executable. */

import { chmodSync, mkdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackage, fetchDebianPackages, listImagePackages } from '../../scripts/debian.mjs';
import { listFolder, PackageTree } from '../debian/tree.mjs';
import { runFor } from '../executable/platforms.mjs';

/**
 * What is taken from Debian's packages: the libraries that the executable is linked with, the shell in which pipelines
 * run their scripts, the licences, the name of the release, and the fields of the packages, by which scanners know them.
 */
const WANTED = [
  /^usr\/lib(64)?\/([\w-]+\/)?(ld-linux-|lib(c|m|dl|pthread|gcc_s|stdc\+\+)\.so\.)[^/]*$/,
  /^usr\/bin\/busybox$/,
  /^usr\/share\/common-licenses\//,
  /^usr\/share\/doc\/[^/]+(\/copyright)?$/,
  /^(etc|usr\/lib)\/os-release$/,
  /^var\/lib\/dpkg\/status\.d\//,
];

/** Folders that are links into /usr in Debian's systems, but not in all of its packages. */
const MERGED = ['bin', 'lib', 'lib64'];

const DOCUMENTS = 'usr/share/doc/kexec-file';

/** Where users work, and where a report waits until it is complete. */
const FOLDERS = { work: 0o755, tmp: 0o1777 };

/**
 * Writes the lower layer: Debian's files, with links for all that busybox can do.
 *
 * @param folder - is made
 * @param cpu - as Node names it
 * @param architecture - as Debian does
 */
export function writeBaseLayer(folder, cpu, architecture) {
  const keys = listImagePackages(architecture);
  fetchDebianPackages(keys);
  const tree = new PackageTree();
  for (const key of keys) addPackage(tree, debianPackage(key));
  for (const name of MERGED) {
    if (tree.paths.some((path) => path.startsWith(`usr/${name}/`))) tree.addLink(name, `usr/${name}`);
  }
  tree.writeTo(folder, 0);
  const busybox = join(folder, 'usr/bin/busybox');
  const links = new PackageTree();
  for (const applet of runFor(cpu, busybox, ['--list']).trimEnd().split('\n')) {
    if (applet !== 'busybox') links.addLink(`usr/bin/${applet}`, 'busybox');
  }
  links.writeTo(folder, 0);
  for (const [name, mode] of Object.entries(FOLDERS)) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), mode);
  }
}

function addPackage(tree, folder) {
  for (const { name, isLink } of listFolder(folder)) {
    const path = MERGED.includes(name.split('/')[0]) ? `usr/${name}` : name;
    // Two packages may have the licence of a third.
    if (!WANTED.some((wanted) => wanted.test(path)) || tree.paths.includes(path)) continue;
    if (isLink) tree.addLink(path, readlinkSync(join(folder, name)));
    else tree.addFile(path, join(folder, name));
  }
}

/**
 * Writes the upper layer.
 *
 * @param folder - is made
 * @param files - `executable`, its path; the texts `copyright` and `sbom`
 */
export function writeProgramLayer(folder, { executable, copyright, sbom }) {
  const tree = new PackageTree();
  tree.addFile('usr/bin/kexec-file', executable, { isProgram: true });
  tree.addText(`${DOCUMENTS}/copyright`, copyright);
  tree.addText(`${DOCUMENTS}/kexec-file.cdx.json`, sbom);
  tree.writeTo(folder, 0);
}
