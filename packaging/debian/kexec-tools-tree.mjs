/** The files of the package kexec-file-kexec-tools. */

import { join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';
import { addPackageDocuments, addStaticFiles } from './kexec-file-tree.mjs';
import { PackageTree } from './tree.mjs';

/**
 * Collects the files: the program is a link to kexec-file, which sees the name that it was called by.
 *
 * @param documents - `changelog` and `copyright`, texts in Debian's form
 */
export function collectKexecTools(documents) {
  const tree = new PackageTree();
  tree.addLink('usr/sbin/kexec', '../bin/kexec-file');
  addStaticFiles(tree, join(ROOT, 'packaging/debian/kexec-file-kexec-tools'));
  addPackageDocuments(tree, 'usr/share/doc/kexec-file-kexec-tools', documents);
  return tree;
}
