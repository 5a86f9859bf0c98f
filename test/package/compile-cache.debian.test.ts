/** The cache of compiled code that a Node from 22.8 on keeps for the package: it is used only where nobody else writes. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { platformPackages } from '../../scripts/platform-packages.mjs';
import { makeTemporaryFolder } from '../support/cli.js';

/** The Node of the executable, which `npm test` fetches. */
const NODE = join(
  platformPackages('executable', process.arch) ?? '',
  `node_modules/node-linux-${process.arch}/bin/node`,
);

function runIn(home: string, env: NodeJS.ProcessEnv = {}): void {
  const { XDG_CACHE_HOME, ...others } = process.env;
  const { status, stderr, error } = spawnSync(NODE, ['bin/kexec-file.js', '--version'], {
    encoding: 'utf8',
    env: { ...others, HOME: home, ...env },
  });
  expect([error, status, stderr]).toEqual([undefined, 0, '']);
}

/** How many folders of a Node and a user are in the cache of a home. */
function countCaches(folder: string): number {
  const path = join(folder, 'kexec-file/compiled');
  return existsSync(path) ? readdirSync(path).length : 0;
}

describe('the cache of compiled code', () => {
  it('is in .cache of the home, or in XDG_CACHE_HOME', () => {
    const [home, cache] = [makeTemporaryFolder(), makeTemporaryFolder()];
    runIn(home);
    expect(countCaches(join(home, '.cache'))).toBe(1);
    runIn(makeTemporaryFolder(), { XDG_CACHE_HOME: cache });
    expect(countCaches(cache)).toBe(1);
  });

  it.each([
    ['a home that is missing', (home: string) => join(home, 'missing')],
    [
      'a home that others can write to',
      (home: string) => {
        chmodSync(home, 0o777);
        return home;
      },
    ],
    [
      'a cache that others can write to',
      (home: string) => {
        const path = join(home, '.cache/kexec-file/compiled');
        mkdirSync(path, { recursive: true });
        chmodSync(path, 0o1777);
        return home;
      },
    ],
    [
      'a cache that is a link to a folder for all',
      (home: string) => {
        const shared = join(home, 'shared');
        mkdirSync(shared);
        chmodSync(shared, 0o777);
        symlinkSync(shared, join(home, '.cache'));
        return home;
      },
    ],
  ])('is not kept in %s', (_, prepare) => {
    const home = prepare(makeTemporaryFolder());
    runIn(home);
    expect(countCaches(join(home, '.cache'))).toBe(0);
  });

  it('is not kept in the home of another user, where it makes no folder', () => {
    const home = makeTemporaryFolder();
    if (process.geteuid?.() === 0) {
      chownSync(home, 65534, 65534);
      runIn(home);
    } else {
      // Only root can give a folder away. To the program, this is one of another user.
      const script = join(makeTemporaryFolder(), 'other-user.cjs');
      writeFileSync(script, 'process.geteuid = () => 4242;');
      runIn(home, { NODE_OPTIONS: `--require=${script}` });
    }
    expect(readdirSync(home)).toEqual([]);
  });
});
