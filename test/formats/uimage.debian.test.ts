import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/formats/compression/checksums.js';
import { isUimage, parseUimage } from '../../src/formats/uimage.js';
import { catchRefusal } from '../support/hostile.js';
import { buildUimage } from '../support/kernel-files.js';

const DATA = Uint8Array.from({ length: 1000 }, (_, at) => at & 0xff);
const FILE = buildUimage(DATA, 'lz4');

/** With a byte of the header changed, and the header's CRC made right again. */
function withHeader(offset: number, value: number): Uint8Array {
  const copy = Uint8Array.from(FILE);
  copy[offset] = value;
  const view = new DataView(copy.buffer);
  view.setUint32(4, 0);
  view.setUint32(4, crc32(copy.subarray(0, 64)));
  return copy;
}

function withByte(offset: number, value: number): Uint8Array {
  const copy = Uint8Array.from(FILE);
  copy[offset] = value;
  return copy;
}

describe('parseUimage', () => {
  it('reads the output of mkimage, without changing it', () => {
    const file = Buffer.from(FILE);
    expect(isUimage(file)).toBe(true);
    const { data, ...facts } = parseUimage(file);
    expect(facts).toEqual({ name: 'a kernel', compression: 'lz4', load: 0x4020_0000, entry: 0x4020_0000 });
    expect(Buffer.compare(data, DATA)).toBe(0);
    expect(Buffer.compare(file, FILE)).toBe(0);
  });

  it.each<[string, Uint8Array]>([
    ['a file cut short', FILE.subarray(0, 63)],
    ['data cut short', FILE.subarray(0, -1)],
    ['no magic', withByte(0, 0)],
    ['a header that was changed', withByte(33, 0)],
    ['data that was changed', withByte(100, 0)],
    ['a size that leaves the file', withHeader(12, 0xff)],
    ['another operating system', withHeader(28, 17)],
    ['another architecture', withHeader(29, 2)],
    ['a ramdisk', withHeader(30, 3)],
    ['a compression that is none', withHeader(31, 7)],
  ])('refuses %s', (_, file) => {
    expect(catchRefusal(() => parseUimage(file))).toMatchObject({ check: 'uimage', errno: 'ENOEXEC' });
  });

  it('a thousand mutations of its header end in a value or a KexecError', () => {
    const change = fc.tuple(fc.integer({ min: 8, max: 63 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(change, ([at, value]) => void catchRefusal(() => parseUimage(withHeader(at, value)))),
      { numRuns: 1000 },
    );
  });
});
