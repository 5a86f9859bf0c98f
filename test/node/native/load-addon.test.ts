import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../../src/node/native/load-addon.js';
import { makeTemporaryFolder } from '../../support/cli.js';

/** koffi's binary for this machine. */
function readKoffi(): Uint8Array {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('koffi'));
  const folder = dirname(resolve(`@koromix/koffi-linux-${process.arch}`));
  return readFileSync(join(folder, `linux_${process.arch}`, 'koffi.node'));
}

describe('loadAddon', () => {
  // First: the linker knows a loaded library by its path, and the next descriptor may have the same one.
  it('names each folder once, with the errno or the answer of the linker', () => {
    const folder = makeTemporaryFolder();
    const [missing, file] = [join(folder, 'missing'), join(folder, 'file')];
    writeFileSync(file, '');
    const noLibrary = new TextEncoder().encode('#!/bin/sh\n'.repeat(100));
    expect(() => loadAddon(noLibrary, [missing, file, folder, missing])).toThrow(
      new Error(
        'no folder can contain its library: ' +
          `${missing}: ENOENT: no such file or directory; ${file}: ENOTDIR: not a directory; ` +
          `${folder}: invalid ELF header`,
      ),
    );
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('loads a library from the first folder that can contain it, and leaves no file', () => {
    const folder = makeTemporaryFolder();
    const addon = loadAddon(readKoffi(), [join(folder, 'missing'), folder]) as typeof import('koffi');
    expect(addon.load('libc.so.6').func('int getppid()')()).toBe(process.ppid);
    expect(readdirSync(folder)).toEqual([]);
  });
});
