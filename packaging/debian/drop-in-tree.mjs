/** The files of the packages that put kexec-file in the place of other programs. */

import { join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';
import { addPackageDocuments, addStaticFiles } from './kexec-file-tree.mjs';
import { PackageTree } from './tree.mjs';

/** The programs of each package, which are links: kexec-file sees the name that it was called by. */
export const DROP_INS = /** @type {const} */ ({
  'kexec-file-kexec-tools': {
    'usr/sbin/kexec': '../bin/kexec-file',
    'usr/sbin/vmcore-dmesg': '../bin/kexec-file',
  },
  'kexec-file-makedumpfile': { 'usr/bin/makedumpfile': 'kexec-file' },
});

/**
 * Collects the files of such a package.
 *
 * @param name - of the package
 * @param documents - `changelog` and `copyright`, texts in Debian's form
 */
export function collectDropIn(name, documents) {
  const tree = new PackageTree();
  for (const [path, target] of Object.entries(DROP_INS[name])) tree.addLink(path, target);
  addStaticFiles(tree, join(ROOT, 'packaging/debian', name));
  addPackageDocuments(tree, `usr/share/doc/${name}`, documents);
  return tree;
}
