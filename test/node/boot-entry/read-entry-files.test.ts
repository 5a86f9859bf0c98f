import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readChosenEntry, readInitrds } from '../../../src/node/boot-entry/read-chosen-entry.js';
import { readEntryFiles } from '../../../src/node/boot-entry/read-entry-files.js';

const root = mkdtempSync(join(tmpdir(), 'entries-'));
afterAll(() => rmSync(root, { recursive: true }));

beforeAll(() => {
  mkdirSync(join(root, 'boot'));
  writeFileSync(join(root, 'boot/vmlinuz-6.12.3'), 'kernel');
  writeFileSync(join(root, 'boot/initrd.img-6.12.3'), 'initrd');
  symlinkSync('/boot/vmlinuz-6.12.3', join(root, 'vmlinuz'));
  symlinkSync('boot/initrd.img-6.12.3', join(root, 'initrd.img'));
  symlinkSync('../../../../../../etc', join(root, 'outside'));
  symlinkSync('loop', join(root, 'loop'));
  mkdirSync(join(root, 'proc'));
  writeFileSync(join(root, 'proc/cmdline'), 'root=/dev/vda ro\n');
});

describe('readEntryFiles()', () => {
  it('follows links within the root', () => {
    const files = readEntryFiles(root);
    expect(files.followLink('/vmlinuz')).toBe('/boot/vmlinuz-6.12.3');
    expect(files.readText('/initrd.img')).toBe('initrd');
    expect(files.listFolder('/boot')).toEqual(['initrd.img-6.12.3', 'vmlinuz-6.12.3']);
    expect(files.isFile('/vmlinuz')).toBe(true);
  });

  it('does not leave the root, and ends in a loop of links', () => {
    const files = readEntryFiles(root);
    expect(files.followLink('/outside/passwd')).toBe('/etc/passwd');
    expect(files.readText('/outside/passwd')).toBeUndefined();
    expect(files.isFile('/loop')).toBe(false);
    expect(files.listFolder('/none')).toEqual([]);
  });

  it('refuses a configuration that is too large', () => {
    writeFileSync(join(root, 'large'), new Uint8Array((1 << 21) + 1));
    expect(() => readEntryFiles(root).readText('/large')).toThrow(
      expect.objectContaining({ check: 'boot-entry-form', errno: 'EFBIG' }),
    );
  });
});

describe('readChosenEntry()', () => {
  it('gives the paths of another root', () => {
    expect(readChosenEntry(undefined, root)).toMatchObject({
      kernel: join(root, 'boot/vmlinuz-6.12.3'),
      initrds: [join(root, 'boot/initrd.img-6.12.3')],
      commandLine: 'root=/dev/vda ro',
    });
  });
});

describe('readInitrds()', () => {
  it('joins several at multiples of 4 bytes', () => {
    const [one, two] = ['one', 'two'].map((name) => join(root, name));
    writeFileSync(one ?? '', 'abcde');
    writeFileSync(two ?? '', 'fg');
    expect(readInitrds([])).toBeUndefined();
    expect(readInitrds([one ?? ''])).toBe(one);
    expect(Buffer.from(readInitrds([one ?? '', two ?? '']) as Uint8Array).toString()).toBe('abcde\0\0\0fg');
  });
});
