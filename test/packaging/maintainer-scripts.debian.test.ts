/** What is kept and what is removed when the package kexec-file is upgraded, removed and purged. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DpkgRoot, packFiles, packSmallKexecFile } from '../support/debian-package.js';

const work = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(work, { recursive: true }));

/** A package that owns the folders which every system has. */
const base = packFiles(work, 'base', '1', {
  'etc/base': '',
  'run/base': '',
  'usr/bin/base': '',
  'usr/sbin/base': '',
  'var/lib/base': '',
});
const program = packSmallKexecFile(work, { version: '0.1.0' });
const newerProgram = packSmallKexecFile(work, { version: '0.2.0' });

let roots = 0;
function makeRoot(): DpkgRoot {
  roots += 1;
  const root = new DpkgRoot(join(work, `root-${roots}`));
  root.dpkg('--install', base);
  return root;
}

/** What units and commands write while the package is installed. */
const STATE = ['run/kexec-file/state', 'var/lib/kexec-file/state'];
const DUMP = 'var/crash/202611290430/vmcore';
const ENABLED = 'etc/systemd/system/multi-user.target.wants/kexec-file-kdump.service';

function enableUnit(root: DpkgRoot): void {
  mkdirSync(join(root.folder, 'etc/systemd/system/multi-user.target.wants'), { recursive: true });
  symlinkSync('/usr/lib/systemd/system/kexec-file-kdump.service', join(root.folder, ENABLED));
}

it('enables no unit', () => {
  const root = makeRoot();
  root.dpkg('--install', program);
  expect(root.list().filter((path) => path.includes('.wants/'))).toEqual([]);
});

it('removes what it installed and wrote when it is purged, except dumps', () => {
  const root = makeRoot();
  const before = root.list();
  root.dpkg('--install', program);
  for (const path of [...STATE, DUMP]) root.write(path, 'x');
  root.dpkg('--remove', 'kexec-file');
  expect(root.list()).toEqual(expect.arrayContaining([...STATE, DUMP]));
  root.dpkg('--purge', 'kexec-file');
  expect(root.list()).toEqual([...before, DUMP].sort());
});

it('keeps configuration, state, and which unit is enabled, when it is upgraded', () => {
  const root = makeRoot();
  root.dpkg('--install', program);
  for (const path of [...STATE, DUMP]) root.write(path, 'x');
  enableUnit(root);
  root.write('etc/kexec-file.conf', '# mine\n');
  root.dpkg('--install', newerProgram);
  expect(root.read('etc/kexec-file.conf')).toBe('# mine\n');
  expect(root.read('usr/bin/kexec-file')).toContain('0.2.0');
  expect(root.list()).toEqual(expect.arrayContaining([...STATE, DUMP, ENABLED]));
});

it('leaves the installed version in place when an upgrade ends half way', () => {
  const root = makeRoot();
  root.dpkg('--install', program);
  for (const path of STATE) root.write(path, 'x');
  const before = root.list();
  const damaged = packSmallKexecFile(work, { version: '0.3.0' });
  truncateSync(damaged, readFileSync(damaged).length - 2000);
  expect(root.tryDpkg('--install', damaged).status).toBe(1);
  expect(root.list()).toEqual(before);
  expect(root.read('usr/bin/kexec-file')).toContain('0.1.0');
  root.dpkg('--install', newerProgram);
  expect(root.read('usr/bin/kexec-file')).toContain('0.2.0');
  expect(existsSync(join(root.folder, 'usr/bin/kexec-file.dpkg-new'))).toBe(false);
});
