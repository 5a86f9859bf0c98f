/** Builds the plugin, and the program that counts by single steps. `npm run bench:purgatory` does that, too. Needs gcc. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../build/', import.meta.url));

/** Builds count.so in build/. QEMU has the functions that it calls, so no library is linked. @returns its path */
export function buildPlugin() {
  return compile('count.c', 'count.so', ['-fvisibility=hidden', '-shared', '-fPIC']);
}

/** Builds step in build/. @returns its path */
export function buildStepper() {
  return compile('step.c', 'step', []);
}

function compile(source, product, options) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, product);
  execFileSync(
    'gcc',
    [
      ...['-std=gnu11', '-O2', '-Wall', '-Wextra', ...options],
      ...['-o', path, fileURLToPath(new URL(source, import.meta.url))],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return path;
}

if (fileURLToPath(import.meta.url) === realpathSync(process.argv[1]))
  process.stdout.write(`${buildPlugin()}\n${buildStepper()}\n`);
