import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findExecutable } from '../support/executable.js';
import { type GuestPlatform, nodeOf, PLATFORMS } from './platforms.js';
import { GuestTree } from './tree.js';

const FOLDER = fileURLToPath(new URL('../../build/guest/', import.meta.url));
/** Root, and an unprivileged user: `su nobody -c …`. */
const USERS = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh
`;

/** The files, beside the packages, on which the archive depends. */
const SOURCES = ['base.ts', 'platforms.ts', 'tree.ts', 'init'];

/** What a guest's `kexec-file` is: the executable, or Node with the npm package. */
export type GuestProgram = 'executable' | 'node';

/**
 * The archive that all guests with a program have: init, busybox, libraries, and the executable or Node. It takes 100
 * MB, so that it is kept in build/guest until something in it changes.
 *
 * @returns the path of a file, to put archives behind
 */
export function baseArchive(program: GuestProgram, platform: GuestPlatform = PLATFORMS.arm64): string {
  const kind = `${program}-${platform.cpu}`;
  const path = join(FOLDER, `${kind}-${digestOfInputs(program, platform)}.cpio`);
  if (existsSync(path)) return path;

  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) {
    if (name.startsWith(`${kind}-`)) rmSync(join(FOLDER, name), { force: true });
  }
  const temporary = join(FOLDER, `.${process.pid}.cpio`);
  writeFileSync(temporary, baseTree(program, platform).toCpio());
  renameSync(temporary, path);
  return path;
}

/** Folders of packages are named by their contents. */
function digestOfInputs(program: GuestProgram, platform: GuestPlatform): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([platform.busybox(), nodeOf(platform), ...platform.libraries()]));
  for (const name of SOURCES) hash.update(readFileSync(new URL(name, import.meta.url)));
  if (program === 'executable') hash.update(readFileSync(findExecutable(platform.cpu)));
  return hash.digest('hex').slice(0, 16);
}

/** The files of {@link baseArchive}. */
export function baseTree(program: GuestProgram, platform: GuestPlatform = PLATFORMS.arm64): GuestTree {
  const tree = new GuestTree();
  tree.addConsole();
  tree.addFile('/init', readFileSync(new URL('init', import.meta.url)));
  tree.addFileOfHost('/bin/busybox', platform.busybox());
  tree.addLink('/bin/sh', 'busybox');
  // For scripts that begin with #!/usr/bin/env node.
  tree.addLink('/usr/bin/env', 'busybox');
  tree.addFile('/etc/passwd', Buffer.from(USERS), 0o644);
  if (program === 'executable') tree.addFileOfHost('/usr/bin/kexec-file', findExecutable(platform.cpu));
  else tree.addFileOfHost('/usr/bin/node', nodeOf(platform));
  for (const folder of platform.libraries()) {
    tree.addFolderOfHost('/', folder, (path) => /\blib\/[^/]*\/?[^/]*\.so/.test(path));
  }
  if (platform.linker !== undefined) tree.addLink(...platform.linker);
  return tree;
}
