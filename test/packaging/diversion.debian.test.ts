/** kexec-file takes the place of programs of kexec-tools and makedumpfile, and gives them back. */
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DpkgRoot, packDropIn, packFiles, packSmallKexecFile } from '../support/debian-package.js';

const work = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(work, { recursive: true }));

/** kexec-tools as Debian 12 and Ubuntu 24.04 have it, and as Debian 13 has it. */
const debian12 = packFiles(work, 'kexec-tools', '12', {
  'sbin/kexec': 'kexec of 12\n',
  'sbin/vmcore-dmesg': 'vmcore-dmesg of 12\n',
});
const debian13 = packFiles(work, 'kexec-tools', '13', {
  'usr/sbin/kexec': 'kexec of 13\n',
  'usr/sbin/vmcore-dmesg': 'vmcore-dmesg of 13\n',
});
/** Like every Debian system, the root has other programs in /sbin. */
const others = packFiles(work, 'others', '1', { 'sbin/init': 'init\n' });
const program = packSmallKexecFile(work, { version: '0.1.0' });
const dropIn = packDropIn(work, 'kexec-file-kexec-tools', { version: '0.1.0' });
const newerProgram = packSmallKexecFile(work, { version: '0.2.0' });
const newerDropIn = packDropIn(work, 'kexec-file-kexec-tools', { version: '0.2.0' });

let roots = 0;
function makeRoot(...packages: readonly string[]): DpkgRoot {
  roots += 1;
  const root = new DpkgRoot(join(work, `root-${roots}`));
  for (const each of [others, ...packages]) root.dpkg('--install', each);
  return root;
}

function expectDropIn(root: DpkgRoot): void {
  for (const name of ['kexec', 'vmcore-dmesg'])
    expect(readlinkSync(join(root.folder, 'usr/sbin', name))).toBe('../bin/kexec-file');
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
    expect(root.read('usr/sbin/vmcore-dmesg')).toBe(`vmcore-dmesg${text.slice('kexec'.length)}`);
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

describe('makedumpfile', () => {
  const makedumpfile = packFiles(work, 'makedumpfile', '1.7.6', { 'usr/bin/makedumpfile': 'stock\n' });
  const ours = packDropIn(work, 'kexec-file-makedumpfile', { version: '0.1.0' });
  const expectOurs = (root: DpkgRoot) =>
    expect(readlinkSync(join(root.folder, 'usr/bin/makedumpfile'))).toBe('kexec-file');

  it('comes back when the package is removed', () => {
    const root = makeRoot(program, makedumpfile);
    const before = root.list();
    root.dpkg('--install', ours);
    expectOurs(root);
    root.dpkg('--purge', 'kexec-file-makedumpfile');
    expect(root.read('usr/bin/makedumpfile')).toBe('stock\n');
    expect(root.list()).toEqual(before);
    expect(root.read('var/lib/dpkg/diversions')).toBe('');
  });

  it('may be installed afterwards, and be removed first', () => {
    const root = makeRoot(program);
    const before = root.list();
    root.dpkg('--install', ours);
    root.dpkg('--install', makedumpfile);
    expectOurs(root);
    root.dpkg('--remove', 'makedumpfile');
    expectOurs(root);
    root.dpkg('--purge', 'kexec-file-makedumpfile');
    expect(root.list()).toEqual(before);
  });
});
