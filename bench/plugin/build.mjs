/** Builds the plugin: `node bench/plugin/build.mjs`, or by `npm run bench:purgatory`. Needs gcc. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('count.c', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../build/', import.meta.url));

/** Builds count.so in build/. QEMU has the functions that it calls, so no library is linked. @returns its path */
export function buildPlugin() {
  mkdirSync(FOLDER, { recursive: true });
  const plugin = join(FOLDER, 'count.so');
  execFileSync(
    'gcc',
    ['-std=c11', '-O2', '-Wall', '-Wextra', '-fvisibility=hidden', '-shared', '-fPIC', '-o', plugin, SOURCE],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return plugin;
}

if (fileURLToPath(import.meta.url) === realpathSync(process.argv[1]))
  process.stdout.write(`${buildPlugin()}\n`);
