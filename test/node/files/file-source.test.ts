import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openFileSource } from '../../../src/node/files/file-source.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { catchRefusal } from '../../support/hostile.js';

describe('a file that is read piece by piece', () => {
  const bytes = Uint8Array.from({ length: 100_003 }, (_, index) => (index * 31) >> 4);

  it('returns the bytes of the file', () => {
    const path = join(makeTemporaryFolder(), 'file');
    writeFileSync(path, bytes);
    const source = openFileSource(path);
    expect(source.size).toBe(BigInt(bytes.length));
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(40_000), (at, wanted) => {
        const length = Math.min(wanted, bytes.length - at);
        expect(Buffer.compare(source.read(BigInt(at), length), bytes.subarray(at, at + length))).toBe(0);
      }),
    );
    source.close();
  });

  it('of terabytes is read only where it must be', () => {
    const path = join(makeTemporaryFolder(), 'sparse');
    writeFileSync(path, 'start');
    truncateSync(path, 2 ** 42);
    const source = openFileSource(path);
    expect(source.read((1n << 42n) - 4n, 4)).toEqual(new Uint8Array(4));
    expect(Buffer.from(source.read(0n, 5)).toString()).toBe('start');
    expect(source.bytesRead).toBe(2n * 16384n);
    source.close();
  });

  it('must exist and be a regular file', () => {
    const folder = makeTemporaryFolder();
    expect(catchRefusal(() => openFileSource(join(folder, 'none')))).toMatchObject({
      errno: 'ENOENT',
      check: 'file-access',
    });
    expect(catchRefusal(() => openFileSource(folder))).toMatchObject({ check: 'file-access' });
  });
});
