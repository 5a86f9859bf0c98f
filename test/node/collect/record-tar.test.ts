import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { packTar, type TarEntry } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { readTar } from '../../../src/machine/collect/collected-tar.js';
import { recordFrom } from '../../../src/node/collect/record-from.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildSmallDeviceTree } from '../../support/machine.js';

const IOMEM = '40000000-7fffffff : System RAM\n';

const entry = (name: string, body: string | Uint8Array): TarEntry => ({
  header: { name, size: body.length },
  body,
});

const small = (folder: string): Promise<Uint8Array> =>
  packTar([entry(`${folder}fdt`, buildSmallDeviceTree()), entry(`${folder}iomem`, IOMEM)]);

function written(name: string, bytes: Uint8Array): string {
  const path = join(makeTemporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

describe('a tar of collected files', () => {
  it.each([
    ['at its top', '', 'server.tar'],
    ['below ./', './', 'server.tar'],
    ['in a folder', 'collected/', 'server.tar'],
    ['under a long name', `./${'x'.repeat(120)}/`, 'server.tar'],
  ])('can have the files %s', async (_, folder, name) => {
    const machine = await recordFrom(written(name, await small(folder)));
    expect(machine).toMatchObject({ name: 'server', memorySource: 'iomem' });
  });

  it.each(['server.tar.gz', 'server.tgz'])('can be compressed: %s', async (name) => {
    const machine = await recordFrom(written(name, gzipSync(await small(''))));
    expect(machine).toMatchObject({ name: 'server', memorySource: 'iomem' });
  });

  it('can have a device tree as a folder, and unknown facts', async () => {
    const tar = await packTar([
      entry('./iomem', IOMEM),
      entry('./device-tree/#address-cells', Uint8Array.of(0, 0, 0, 2)),
      entry('./device-tree/cpus/cpu@0/enable-method', 'spin-table\0'),
      entry('./unknown', 'fdt\tpermission denied\nno tab\n'),
    ]);
    const machine = await recordFrom(written('board.tar', tar));
    expect(machine).toMatchObject({ arm64: { enableMethods: ['spin-table'] }, possibleCpus: 1 });
    expect(machine.unknown).toEqual([{ fact: 'fdt', reason: 'permission denied' }]);
  });

  it.each([
    ['is empty', new Uint8Array(0)],
    ['is no tar', new TextEncoder().encode('#!/bin/sh\n'.repeat(200))],
    ['is a compressed file cut short', gzipSync(new Uint8Array(4096)).subarray(0, 20)],
    ['unpacks to more than 32 MiB', gzipSync(new Uint8Array(33 << 20)), 'EFBIG'],
  ])('is refused if it %s', async (_, bytes, errno = 'EINVAL') => {
    await expect(recordFrom(written('a.tar', bytes))).rejects.toThrow(
      expect.objectContaining({ check: 'machine-archive', errno }),
    );
  });

  it('is refused if it has no collected files, is too large or does not exist', async () => {
    const other = written('a.tar', await packTar([entry('home/iomem/file', 'x')]));
    await expect(recordFrom(other)).rejects.toThrow(/contains none of the files/);
    await expect(recordFrom(written('a.tar', new Uint8Array((32 << 20) + 1)))).rejects.toThrow(
      expect.objectContaining({ check: 'machine-archive', errno: 'EFBIG' }),
    );
    await expect(recordFrom(join(makeTemporaryFolder(), 'a.tar'))).rejects.toThrow(
      expect.objectContaining({ check: 'file-access', errno: 'ENOENT' }),
    );
  });

  it('is read or refused as a KexecError if any byte changes', async () => {
    const bytes = await small('./');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const result = await readTar('a.tar', damaged).catch((error: unknown) => error);
        expect(result instanceof Map || result instanceof KexecError, String(result)).toBe(true);
      }),
    );
  });

  it('is refused if it is cut short anywhere', async () => {
    const bytes = await small('');
    for (let length = 0; length < bytes.length - 512; length += 97) {
      await expect(readTar('a.tar', bytes.subarray(0, length))).rejects.toThrow(KexecError);
    }
  });
});
