/** The files of the package kexec-file. */

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../../scripts/setup/files.mjs';
import { listFolder, PackageTree } from './tree.mjs';

/** Static files, at the paths where they are installed; the maintainer scripts are in its folder DEBIAN. */
const STATIC = join(ROOT, 'packaging/debian/kexec-file');

const DOCUMENTS = 'usr/share/doc/kexec-file';

/** Pages about working on the source, and about the library for Node. The commands' pages are in the manual. */
const UNUSED_DOCUMENTS =
  /^(commands\/|(api|architecture|conformance|dependencies|packages|performance)\.md$)/;

/**
 * Collects the files.
 *
 * @param executable - path of the single executable for the package's architecture
 * @param manual - folder with the manual's pages: NAME.SECTION
 * @param completions - folder with completion scripts, at the paths where they are installed
 * @param changelog - text in Debian's form
 * @param copyright - text in Debian's form
 * @param sbom - text of the bill of materials
 */
export function collectKexecFile({ executable, manual, completions, changelog, copyright, sbom }) {
  const tree = new PackageTree();
  tree.addFile('usr/bin/kexec-file', executable, { isProgram: true });
  addStaticFiles(tree, STATIC);
  addManual(tree, manual);
  tree.addFolder('', completions);
  addDocuments(tree);
  addPackageDocuments(tree, DOCUMENTS, { changelog, copyright });
  tree.addText(`${DOCUMENTS}/kexec-file.cdx.json`, sbom);
  return tree;
}

/** Adds the static files of a package, without its maintainer scripts. */
export function addStaticFiles(tree, folder) {
  tree.addFolder('', folder, (name) => !name.startsWith('DEBIAN/'));
}

/** Adds the two files that each package has (Debian policy 12.5 and 12.7). */
export function addPackageDocuments(tree, folder, { changelog, copyright }) {
  tree.addText(`${folder}/changelog.gz`, compress(changelog));
  tree.addText(`${folder}/copyright`, copyright);
}

/** Adds compressed manual pages, each by its section. */
function addManual(tree, folder) {
  for (const { name } of listFolder(folder)) {
    const page = basename(name);
    const [, section] = /\.([1-9])$/.exec(page) ?? [];
    if (section === undefined) throw new Error(`${join(folder, name)} is no manual page`);
    tree.addText(`usr/share/man/man${section}/${page}.gz`, compress(readFileSync(join(folder, name))));
  }
}

function addDocuments(tree) {
  tree.addFile(`${DOCUMENTS}/README.md`, join(ROOT, 'README.md'));
  tree.addFolder(`${DOCUMENTS}/docs`, join(ROOT, 'docs'), (name) => !UNUSED_DOCUMENTS.test(name));
  tree.addFolder(`${DOCUMENTS}/schemas`, join(ROOT, 'schemas'));
}

function compress(content) {
  return gzipSync(content, { level: 9 });
}
