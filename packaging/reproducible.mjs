/**
 * Builds everything that users get twice, and compares the results byte for byte: `npm run reproducible`.
 *
 * Each build starts from a clone of the last commit, in a folder, with a umask, a time zone, a locale and a number of
 * threads of its own.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../scripts/setup/files.mjs';

const BUILDS = [
  { folder: 'first', umask: '022', environment: { TZ: 'UTC', LC_ALL: 'C', DPKG_DEB_THREADS_MAX: '1' } },
  {
    folder: 'the second, with spaces',
    umask: '077',
    environment: { TZ: 'Asia/Kathmandu', LC_ALL: 'C.UTF-8', DPKG_DEB_THREADS_MAX: '4' },
  },
];

/** Clones the last commit. All clones are made before a build, which takes minutes: commits may come meanwhile. */
function clone(folder) {
  run('git', ['clone', '--quiet', '--no-hardlinks', ROOT, folder]);
  cpSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
}

/** Builds in a clone. @returns the checksums by file */
function build(folder, umask, environment) {
  run('sh', ['-c', `umask ${umask} && exec npm run --silent release`], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  const lines = readFileSync(join(folder, 'build/SHA256SUMS'), 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => line.split('  ').reverse()));
}

function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { ...options, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`, { cause: error });
}

const work = mkdtempSync(join(tmpdir(), 'kexec-file-reproducible-'));
try {
  for (const { folder } of BUILDS) clone(join(work, folder));
  const [one, other] = BUILDS.map(({ folder, umask, environment }) =>
    build(join(work, folder), umask, environment),
  );
  const names = [...new Set([...one.keys(), ...other.keys()])];
  const different = names.filter((name) => one.get(name) !== other.get(name));
  for (const name of names) {
    process.stdout.write(`${different.includes(name) ? 'differs' : 'equal  '}  ${name}\n`);
  }
  if (different.length > 0) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
