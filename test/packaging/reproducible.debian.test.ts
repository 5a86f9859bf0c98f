/** The same contents make the same package, byte for byte. `npm run reproducible` compares complete builds. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const work = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(work, { recursive: true }));

const PACK = pathToFileURL('packaging/debian/pack.mjs').href;
const TREE = pathToFileURL('packaging/debian/tree.mjs').href;

/** More than xz compresses in one block, so that several threads have work. */
const LARGE = Buffer.alloc(40 * 2 ** 20, 'kexec-file ');

interface Surroundings {
  readonly umask: string;
  readonly mode: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Packs the same files in a folder of its own, by a process of its own. */
function packIn(name: string, { umask, mode, environment }: Surroundings): Buffer {
  const folder = join(work, name);
  const source = join(folder, 'source', 'usr/share/doc');
  const scripts = join(folder, 'scripts');
  for (const each of [source, scripts]) mkdirSync(each, { recursive: true });
  const files = name === 'first' ? ['one', 'two', 'large'] : ['large', 'two', 'one'];
  for (const file of files) {
    writeFileSync(join(source, file), file === 'large' ? LARGE : file);
    chmodSync(join(source, file), mode);
    utimesSync(join(source, file), mode, mode);
  }
  writeFileSync(join(scripts, 'postinst'), '#!/bin/sh\nexit 0\n');
  chmodSync(join(scripts, 'postinst'), mode | 0o100);
  const program = `
    import { packPackage } from ${JSON.stringify(PACK)};
    import { PackageTree } from ${JSON.stringify(TREE)};
    const tree = new PackageTree();
    tree.addFolder('', ${JSON.stringify(join(folder, 'source'))});
    tree.addLink('usr/share/link', 'doc');
    const fields = 'Package: a\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@example.org>\\nDescription: a\\n';
    packPackage({ tree, fields, scripts: ${JSON.stringify(scripts)}, path: ${JSON.stringify(join(folder, 'a.deb'))}, date: 1e9 });`;
  const command = `umask ${umask} && exec "$0" --input-type=module --eval "$1"`;
  const { status, stderr } = spawnSync('sh', ['-c', command, process.execPath, program], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return readFileSync(join(folder, 'a.deb'));
}

it('whatever the folder, umask, modes, dates, time zone, locale and options of dpkg-deb', () => {
  const first = packIn('first', { umask: '022', mode: 0o644, environment: { TZ: 'UTC', LC_ALL: 'C' } });
  const second = packIn('the second', {
    umask: '077',
    mode: 0o600,
    environment: {
      TZ: 'Asia/Kathmandu',
      LC_ALL: 'C.UTF-8',
      SOURCE_DATE_EPOCH: '5',
      DPKG_DEB_COMPRESSOR_TYPE: 'gzip',
      DPKG_DEB_THREADS_MAX: '1',
    },
  });
  expect(second.equals(first)).toBe(true);
});
