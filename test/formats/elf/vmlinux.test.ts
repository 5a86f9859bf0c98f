import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractVmlinuxImage } from '../../../src/formats/elf/vmlinux.js';
import { catchRefusal } from '../../support/hostile.js';
import { BASE, buildSegment, buildVmlinux, image } from './vmlinux-file.js';

const LIMIT = 1 << 20;

/** The same file with one number changed. */
function changed(file: Uint8Array, offset: number, value: bigint, width: 2 | 8): Uint8Array {
  const copy = Uint8Array.from(file);
  const view = new DataView(copy.buffer);
  if (width === 8) view.setBigUint64(offset, value, true);
  else view.setUint16(offset, Number(value), true);
  return copy;
}

const FILE = buildVmlinux([buildSegment(0, 4096), buildSegment(4096, 10_000, 20_000)]);
const FIRST_HEADER = 64;
const SECOND_HEADER = 64 + 56;

describe('the Image of a vmlinux', () => {
  it('has the bytes of its PT_LOADs, zeros between them, and no .bss', () => {
    expect(Buffer.compare(extractVmlinuxImage(FILE, LIMIT), image)).toBe(0);
    const apart = extractVmlinuxImage(
      buildVmlinux([buildSegment(0, 4000), buildSegment(8000, 10_000)]),
      LIMIT,
    );
    expect(apart.subarray(4000, 8000).every((byte) => byte === 0)).toBe(true);
    expect(apart.length).toBe(10_000);
  });
  it.each<[string, string, Uint8Array]>([
    ['another class', 'vmlinux', withByte(FILE, 4, 1)],
    ['another byte order', 'vmlinux', withByte(FILE, 5, 3)],
    ['another machine', 'vmlinux', changed(FILE, 18, 62n, 2)],
    ['an object', 'vmlinux', changed(FILE, 16, 1n, 2)],
    ['program headers after the file', 'vmlinux', changed(FILE, 32, 1n << 63n, 8)],
    ['more program headers than the file', 'vmlinux', changed(FILE, 56, 65535n, 2)],
    ['a PT_LOAD that leaves the file', 'vmlinux', changed(FILE, SECOND_HEADER + 8, 1n << 62n, 8)],
    ['a PT_LOAD with more bytes than the file', 'vmlinux', changed(FILE, FIRST_HEADER + 32, 1n << 40n, 8)],
    ['PT_LOADs that overlap', 'vmlinux', changed(FILE, SECOND_HEADER + 24, BASE + 100n, 8)],
    ['a PT_LOAD below the entry', 'vmlinux', changed(FILE, SECOND_HEADER + 24, 0n, 8)],
    ['PT_LOADs far apart', 'unwrapped-size', changed(FILE, SECOND_HEADER + 24, BASE + (1n << 40n), 8)],
    [
      'PT_LOADs that leave the address space',
      'unwrapped-size',
      changed(FILE, SECOND_HEADER + 24, (1n << 64n) - 1n, 8),
    ],
    ['an entry in no PT_LOAD', 'vmlinux', changed(FILE, 24, 4n, 8)],
    ['an entry that is no Image', 'image-magic', changed(FILE, 24, BASE + 100n, 8)],
    [
      'an entry too close to the end',
      'vmlinux',
      changed(buildVmlinux([buildSegment(0, 4096)]), 24, BASE + 4090n, 8),
    ],
  ])('refuses %s', (_, check, file) => {
    expect(catchRefusal(() => extractVmlinuxImage(file, LIMIT))).toMatchObject({ check });
  });

  it('a thousand mutations of its headers result in an Image or a KexecError', () => {
    const change = fc.tuple(fc.nat({ max: 64 + 2 * 56 - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const mutated = Uint8Array.from(FILE);
        for (const [at, value] of changes) mutated[at] = value;
        catchRefusal(() => extractVmlinuxImage(mutated, LIMIT));
      }),
      { numRuns: 1000 },
    );
  });
});

function withByte(file: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = Uint8Array.from(file);
  copy[offset] = value;
  return copy;
}
