import { lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCpio, parseCpio } from '../../src/formats/cpio.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';
import { SOURCES } from './cpio-sources.js';

/** Entries that cpio(1) can unpack without being root. */
const FILES = SOURCES.filter(({ type }) => type !== 'characterDevice' && type !== 'blockDevice');

describe('buildCpio', () => {
  it('is listed by cpio(1) as it was meant', () => {
    const listing = runProgram('cpio', ['-tv', '--quiet', '--numeric-uid-gid'], {
      input: buildCpio(SOURCES),
    });
    expect(
      listing
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'drwxr-xr-x 1 0 0 0 Jan 1 1970 dev',
      'crw------- 1 0 0 5, 1 Jan 1 1970 dev/console',
      'brw-r----- 1 0 0 254, 0 Jan 1 1970 dev/vda',
      '-rwxr-xr-x 1 0 0 21 Sep 15 2017 init',
      '-rw-r--r-- 1 0 0 0 Jan 1 1970 empty',
      'lrwxrwxrwx 1 0 0 4 Jan 1 1970 linuxrc -> init',
      'drwx------ 1 0 0 0 Jan 1 1970 sub/naïve',
    ]);
  });

  it('is unpacked by cpio(1)', () => {
    withTemporaryFolder((folder) => {
      runProgram('cpio', ['-id', '--quiet'], { cwd: folder, input: buildCpio(FILES) });
      expect(readFileSync(join(folder, 'init'), 'utf8')).toBe('#!/bin/sh\necho hello\n');
      expect(lstatSync(join(folder, 'init')).mode).toBe(0o100755);
      expect(readFileSync(join(folder, 'empty'))).toHaveLength(0);
      expect(readlinkSync(join(folder, 'linuxrc'))).toBe('init');
      expect(lstatSync(join(folder, 'sub/naïve')).mode).toBe(0o040700);
    });
  });
});

describe('parseCpio', () => {
  it.each(['newc', 'crc'])('reads what cpio(1) writes in %s format', (format) => {
    withTemporaryFolder((folder) => {
      mkdirSync(join(folder, 'bin'));
      writeFileSync(join(folder, 'bin/sh'), 'a shell\xff', { mode: 0o755 });
      symlinkSync('sh', join(folder, 'bin/ash'));
      const names = ['bin', 'bin/sh', 'bin/ash'];
      const args = ['-o', '--quiet', '-H', format, '-O', 'archive'];
      runProgram('cpio', args, { cwd: folder, input: `${names.join('\n')}\n` });

      const { entries, rest } = parseCpio(readFileSync(join(folder, 'archive')));
      expect(rest).toBeUndefined();
      expect(entries.map(({ name }) => name)).toEqual(names);
      for (const { name, mode, uid, inode, links, mtime } of entries) {
        const status = lstatSync(join(folder, name));
        expect({ mode, uid, inode, links, mtime }).toEqual({
          mode: status.mode,
          uid: status.uid,
          inode: status.ino,
          links: status.nlink,
          mtime: Math.floor(status.mtimeMs / 1000),
        });
      }
      expect(entries.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['', 'a shellÿ', 'sh']);
    });
  });
});
