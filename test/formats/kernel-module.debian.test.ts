import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseModuleInfo } from '../../src/formats/kernel-module.js';
import { corpus } from '../support/corpus.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';

const moduleOf = (path: string): Uint8Array => readFileSync(join(corpus.modules(), 'kernel', path));

describe('parseModuleInfo', () => {
  it("reads what Debian's modules depend on", () => {
    expect(parseModuleInfo('a module', moduleOf('net/9p/9pnet_virtio.ko')).depends).toContain('9pnet');
    expect(parseModuleInfo('a module', moduleOf('drivers/nvme/host/nvme.ko')).depends).toContain('nvme_core');
    expect(parseModuleInfo('a module', moduleOf('net/9p/9pnet.ko'))).toEqual({ depends: [], wants: [] });
    expect(parseModuleInfo('a module', moduleOf('lib/crc-t10dif.ko')).wants).toEqual(['crct10dif']);
  });

  it('refuses a file that is no module', () => {
    expect(catchRefusal(() => parseModuleInfo('a module', readFileSync(corpus.busybox())))).toMatchObject({
      check: 'kernel-module',
    });
    const purgatory = readFileSync('test/witness/witness.Image');
    expect(catchRefusal(() => parseModuleInfo('a module', purgatory))).toMatchObject({ errno: 'ENOEXEC' });
  });

  it('parses or refuses damaged and truncated modules', () => {
    const bytes = moduleOf('net/9p/9pnet_xen.ko');
    for (const damaged of flipEachBit(bytes, 64)) catchRefusal(() => parseModuleInfo('a module', damaged));
    for (let length = 0; length < bytes.length; length += 97) {
      // Behind the last section is the module's signature, which is not looked at.
      const refusal = catchRefusal(() => parseModuleInfo('a module', bytes.subarray(0, length)));
      expect(['ENOEXEC', undefined]).toContain(refusal?.errno);
    }
  });
});
