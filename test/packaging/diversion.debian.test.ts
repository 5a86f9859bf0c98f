/** kexec-file-kexec-tools takes the place of kexec-tools' program, and gives it back. */
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DpkgRoot, packFiles, packKexecTools, packSmallKexecFile } from '../support/debian-package.js';

const work = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(work, { recursive: true }));

/** kexec-tools as Debian 12 and Ubuntu 24.04 have it, and as Debian 13 has it. */
const debian12 = packFiles(work, 'kexec-tools', '12', { 'sbin/kexec': 'kexec of 12\n' });
const debian13 = packFiles(work, 'kexec-tools', '13', { 'usr/sbin/kexec': 'kexec of 13\n' });
/** Like every Debian system, the root has other programs in /sbin. */
const others = packFiles(work, 'others', '1', { 'sbin/init': 'init\n' });
const program = packSmallKexecFile(work, { version: '0.1.0' });
const dropIn = packKexecTools(work, { version: '0.1.0' });
const newerProgram = packSmallKexecFile(work, { version: '0.2.0' });
const newerDropIn = packKexecTools(work, { version: '0.2.0' });

let roots = 0;
function makeRoot(...packages: readonly string[]): DpkgRoot {
  roots += 1;
  const root = new DpkgRoot(join(work, `root-${roots}`));
  for (const each of [others, ...packages]) root.dpkg('--install', each);
  return root;
}

function expectDropIn(root: DpkgRoot): void {
  expect(readlinkSync(join(root.folder, 'usr/sbin/kexec'))).toBe('../bin/kexec-file');
}

describe.each([
  ['/sbin/kexec', debian12, 'kexec of 12\n'],
  ['/usr/sbin/kexec', debian13, 'kexec of 13\n'],
])('kexec-tools with %s', (_, kexecTools, text) => {
  it('gets its program back when the package is removed', () => {
    const root = makeRoot(program, kexecTools);
    root.dpkg('--install', newerProgram);
    const before = root.list();
    root.dpkg('--install', dropIn);
    expectDropIn(root);
    root.dpkg('--install', newerDropIn);
    expectDropIn(root);
    root.dpkg('--remove', 'kexec-file-kexec-tools');
    expect(root.read('usr/sbin/kexec')).toBe(text);
    root.dpkg('--purge', 'kexec-file-kexec-tools');
    expect(root.list()).toEqual(before);
    expect(root.read('var/lib/dpkg/diversions')).toBe('');
  });

  it('may be installed afterwards, and be removed first', () => {
    const root = makeRoot(program);
    const before = root.list();
    root.dpkg('--install', dropIn);
    root.dpkg('--install', kexecTools);
    expectDropIn(root);
    root.dpkg('--remove', 'kexec-tools');
    expectDropIn(root);
    root.dpkg('--purge', 'kexec-file-kexec-tools');
    expect(root.list()).toEqual(before);
  });

  it('is used when the package goes after it was installed first', () => {
    const root = makeRoot(program, dropIn, kexecTools);
    root.dpkg('--purge', 'kexec-file-kexec-tools');
    expect(root.read('usr/sbin/kexec')).toBe(text);
  });
});

it('loses nothing when Debian 12 becomes Debian 13', () => {
  const root = makeRoot(program, debian12, dropIn, debian13);
  expectDropIn(root);
  root.dpkg('--purge', 'kexec-file-kexec-tools');
  expect(root.read('usr/sbin/kexec')).toBe('kexec of 13\n');
});

it('keeps a program that no package has', () => {
  const root = makeRoot(program);
  root.write('usr/sbin/kexec', 'by hand\n');
  root.dpkg('--install', dropIn);
  expectDropIn(root);
  root.dpkg('--purge', 'kexec-file-kexec-tools');
  expect(root.read('usr/sbin/kexec')).toBe('by hand\n');
});

it('is not installed where /sbin is no link, and leaves no diversion', () => {
  const root = new DpkgRoot(join(work, 'unmerged'), { isMerged: false });
  root.dpkg('--install', program);
  const { status, stderr } = root.tryDpkg('--install', dropIn);
  expect(status).toBe(1);
  expect(stderr).toContain('kexec-file-kexec-tools: /sbin is no link to /usr/sbin here');
  expect(root.list().filter((path) => path.includes('kexec.'))).toEqual([]);
  expect(root.tryDpkg('--audit').status).toBe(0);
});
