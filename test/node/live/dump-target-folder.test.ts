import { chmodSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attempt } from '../../../src/base/error.js';
import { describeLack } from '../../../src/crash/dump-room.js';
import { examineDumpFolder } from '../../../src/node/live/dump-target-folder.js';
import { makeTemporaryFolder } from '../../support/cli.js';

const TMPFS_MAGIC = 0x01021994n;

describe('the folder of dumps', () => {
  it('need not exist: the disk that it will be on has the room', () => {
    const root = makeTemporaryFolder();
    const { bavail, bsize } = statfsSync(root, { bigint: true });
    const { path, free } = examineDumpFolder('/var/crash', root);
    expect(path).toBe('/var/crash');
    expect(Number(free) / Number(bavail * bsize)).toBeCloseTo(1, 1);
  });

  it('is no file', () => {
    const root = makeTemporaryFolder();
    mkdirSync(join(root, 'var'));
    writeFileSync(join(root, 'var/crash'), '');
    for (const path of ['/var/crash', '/var/crash/more'])
      expect(attempt(() => examineDumpFolder(path, root))).toMatchObject({
        check: 'kdump-target',
        errno: 'ENOTDIR',
      });
  });

  it('can be written to', () => {
    // Root may write to any folder; procfs refuses even root.
    const root = process.geteuid?.() === 0 ? '/proc/self' : makeTemporaryFolder();
    if (root !== '/proc/self') chmodSync(root, 0o500);
    expect(attempt(() => examineDumpFolder('/', root))).toMatchObject({
      check: 'kdump-target',
      errno: 'EACCES',
    });
  });

  it('is on a disk', () => {
    expect(statfsSync('/dev/shm', { bigint: true }).type).toBe(TMPFS_MAGIC);
    expect(attempt(() => examineDumpFolder('/dev/shm/crash'))).toMatchObject({
      check: 'kdump-target',
      errno: 'EINVAL',
      seen: '/dev/shm/crash is on a file system in memory, which the reboot empties',
    });
    expect(attempt(() => examineDumpFolder('/proc/dumps'))).toMatchObject({ check: 'kdump-target' });
  });
});

it('a dump that may not fit is named with what is there', () => {
  const target = { path: '/var/crash', free: 1024n };
  expect(describeLack(target, 1024n)).toBeUndefined();
  expect(describeLack(target, 2048n)).toBe(
    '1 KiB are free in /var/crash, and a dump may take 2 KiB before it is compressed',
  );
});
