import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GuestPlatform, PLATFORMS } from './platforms.js';
import type { GuestTree } from './tree.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INSTALLED = '/usr/lib/node_modules/kexec-file';

const BIN = ['package.json', 'kexec-file.js', 'compile-cache.js'].map((name) => `bin/${name}`);

/** The files of koffi that run; the others are its source. */
const KOFFI_PARTS = /\.c?js$|^package\.json$/;

/**
 * Installs this package in a guest as `npm install --global` does: what its command needs, and a link to the command.
 */
export function addPackage(tree: GuestTree, platform: GuestPlatform = PLATFORMS.arm64): void {
  for (const name of ['package.json', ...BIN]) {
    tree.addFileOfHost(join(INSTALLED, name), join(ROOT, name));
  }
  tree.addFolderOfHost(join(INSTALLED, 'dist/command'), join(ROOT, 'dist/command'));
  tree.addLink('/usr/bin/kexec-file', '../lib/node_modules/kexec-file/bin/kexec-file.js');

  const modules = join(INSTALLED, 'node_modules');
  const binary = `@koromix/koffi-linux-${platform.cpu}`;
  tree.addFolderOfHost(join(modules, 'koffi'), join(ROOT, 'node_modules/koffi'), (path) =>
    KOFFI_PARTS.test(path),
  );
  tree.addFolderOfHost(join(modules, binary), join(platform.packages(), 'node_modules', binary));
}
