import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EM_AARCH64 } from '../../src/formats/elf/format.js';
import { parseModuleInfo } from '../../src/formats/kernel-module.js';
import { corpus } from '../support/corpus.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';

const moduleOf = (path: string): Uint8Array => readFileSync(join(corpus.modules(), 'kernel', path));

describe('parseModuleInfo', () => {
  it("reads what Debian's modules depend on", () => {
    expect(parseModuleInfo('a module', moduleOf('net/9p/9pnet_virtio.ko'), EM_AARCH64).depends).toContain(
      '9pnet',
    );
    expect(parseModuleInfo('a module', moduleOf('drivers/nvme/host/nvme.ko'), EM_AARCH64).depends).toContain(
      'nvme_core',
    );
    expect(parseModuleInfo('a module', moduleOf('net/9p/9pnet.ko'), EM_AARCH64)).toEqual({
      depends: [],
      wants: [],
    });
    expect(parseModuleInfo('a module', moduleOf('lib/crc-t10dif.ko'), EM_AARCH64).wants).toEqual([
      'crct10dif',
    ]);
  });

  it('refuses a file that is no module', () => {
    expect(
      catchRefusal(() => parseModuleInfo('a module', readFileSync(corpus.busybox()), EM_AARCH64)),
    ).toMatchObject({
      check: 'kernel-module',
    });
    const purgatory = readFileSync('test/witness/witness.Image');
    expect(catchRefusal(() => parseModuleInfo('a module', purgatory, EM_AARCH64))).toMatchObject({
      errno: 'ENOEXEC',
    });
  });

  it('parses or refuses damaged and truncated modules', () => {
    const bytes = moduleOf('net/9p/9pnet_xen.ko');
    for (const damaged of flipEachBit(bytes, 64))
      catchRefusal(() => parseModuleInfo('a module', damaged, EM_AARCH64));
    for (let length = 0; length < bytes.length; length += 97) {
      // Behind the last section is the module's signature, which is not looked at.
      const refusal = catchRefusal(() => parseModuleInfo('a module', bytes.subarray(0, length), EM_AARCH64));
      expect(['ENOEXEC', undefined]).toContain(refusal?.errno);
    }
  });
});
