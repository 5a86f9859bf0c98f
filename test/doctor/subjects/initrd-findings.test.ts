import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildCpio } from '../../../src/formats/cpio.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';

const cpio = buildCpio([{ name: 'init', type: 'file', bytes: Uint8Array.of(1, 2, 3) }]);
const kernel = buildImage();
const OPTIONS = { BLK_DEV_INITRD: 'y', RD_GZIP: 'y', RD_ZSTD: 'y' };

const facts = (initrd: Uint8Array, options?: Record<string, string>) =>
  listFacts('initrd', buildMachine(), { kernel, initrd, options });

describe('an initrd', () => {
  it('without compression can be read by every kernel', () => {
    expect(facts(cpio)).toEqual(['fine kexec: the initrd is not compressed: 1 entry']);
  });

  it('is fine if the next kernel can unpack it', () => {
    expect(facts(gzipSync(cpio), OPTIONS)).toEqual(['fine kexec: the initrd is compressed with gzip']);
    expect(facts(gzipSync(cpio))[0]).toMatch(
      /^unknown .* whether the next kernel has CONFIG_RD_GZIP is not known/,
    );
  });

  it.each([
    ['bzip2', [0x42, 0x5a], 'RD_BZIP2'],
    ['lzma', [0x5d, 0x00], 'RD_LZMA'],
    ['xz', [0xfd, 0x37], 'RD_XZ'],
    ['lzo', [0x89, 0x4c], 'RD_LZO'],
    ['lz4', [0x02, 0x21], 'RD_LZ4'],
  ])('with %s needs its option, also after an early archive', (kind, magic, option) => {
    const compressed = Uint8Array.from([...magic, 0, 0]);
    const [finding] = listFindings('initrd', buildMachine(), {
      kernel,
      initrd: compressed,
      options: OPTIONS,
    });
    expect(finding).toMatchObject({
      severity: 'stops',
      fact: `the initrd is compressed with ${kind}; the next kernel has no CONFIG_${option}`,
      cure: expect.stringMatching(/^compress it with gzip, zstd: /),
    });
    expect(facts(Buffer.concat([cpio, compressed]), OPTIONS)[0]).toContain(
      `compressed with ${kind}, after an early archive of 1 entry; the next kernel has no CONFIG_${option}`,
    );
    expect(facts(compressed, { ...OPTIONS, [option]: 'y' })[0]).toMatch(/^fine/);
  });

  it('in lz4 frames cannot be unpacked', () => {
    const frame = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x64);
    expect(facts(frame)[0]).toBe('stops kexec: the initrd is compressed in lz4 frames, from offset 0x0');
    expect(facts(Buffer.concat([cpio, frame]))[0]).toMatch(/^stops .* lz4 frames, from offset 0x200$/);
  });

  it('gets a warning if it is no archive, or a damaged one', () => {
    expect(facts(new TextEncoder().encode('hello'))[0]).toMatch(
      /^warns kexec: the kernel cannot unpack the initrd/,
    );
    expect(facts(cpio.subarray(0, 100))[0]).toMatch(/^warns/);
  });

  it('is ignored by a kernel without support for initrds', () => {
    expect(facts(cpio, {})[0]).toBe('stops kexec: the next kernel has no CONFIG_BLK_DEV_INITRD');
  });

  it('has no finding if there is none', () => {
    expect(facts(new Uint8Array(0))).toEqual([]);
    expect(listFacts('initrd', buildMachine(), { kernel })).toEqual([]);
  });
});
