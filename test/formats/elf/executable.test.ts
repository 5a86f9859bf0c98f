import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildExecutable, type ExecutableSegment } from '../../../src/formats/elf/executable.js';
import { DTB, INITRD, joinPieces, KERNEL, NOTHING } from './sample-segments.js';

describe('buildExecutable', () => {
  it('returns the bytes of the segments without copying them', () => {
    const pieces = buildExecutable({ entry: 0n, segments: [KERNEL, INITRD] });
    expect(pieces).toContain(KERNEL.bytes);
    expect(pieces).toContain(INITRD.bytes);
  });

  it('does not reorder its input', () => {
    const segments = [INITRD, KERNEL];
    buildExecutable({ entry: 0n, segments });
    expect(segments).toEqual([INITRD, KERNEL]);
  });

  it.each<[string, string, ExecutableSegment[]]>([
    ['more bytes than memory', 'segment-bytes', [{ ...KERNEL, memorySize: 4999n }]],
    ['two segments at one address', 'segment-overlap', [KERNEL, { ...DTB, physicalAddress: 0x4020_2fffn }]],
    ['memory beyond 64 bits', 'range-order', [{ ...NOTHING, physicalAddress: (1n << 64n) - 0x1fffn }]],
  ])('refuses %s', (_, check, segments) => {
    expect(() => buildExecutable({ entry: 0n, segments })).toThrow(
      expect.objectContaining({ check, errno: 'EINVAL' }),
    );
  });

  it('accepts memory up to the last byte', () => {
    const segments = [{ ...NOTHING, physicalAddress: (1n << 64n) - 0x2000n }];
    expect(buildExecutable({ entry: 0n, segments }).length).toBe(2);
  });

  it('places every segment at the offset of its header, aligned like its address', () => {
    const segment = fc.record({
      bytes: fc.uint8Array({ maxLength: 9000 }),
      gap: fc.bigInt(0n, 1n << 34n),
      zeros: fc.bigInt(0n, 10_000n),
    });
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 16 }),
        fc.bigInt(0n, 1n << 48n),
        (drawn, entry) => {
          let end = 0n;
          const segments = drawn.map(({ bytes, gap, zeros }) => {
            const physicalAddress = end + gap;
            const memorySize = BigInt(bytes.length) + zeros;
            end = physicalAddress + memorySize + 1n;
            return { physicalAddress, bytes, memorySize };
          });
          const file = joinPieces(buildExecutable({ entry, segments: segments.toReversed() }));
          const view = new DataView(file.buffer);
          expect(view.getBigUint64(24, true)).toBe(entry);
          expect(view.getUint16(56, true)).toBe(segments.length);
          segments.forEach(({ physicalAddress, bytes, memorySize }, index) => {
            const at = 64 + index * 56;
            const offset = view.getBigUint64(at + 8, true);
            expect(offset % 4096n).toBe(physicalAddress % 4096n);
            expect(view.getBigUint64(at + 16, true)).toBe(physicalAddress);
            expect(view.getBigUint64(at + 24, true)).toBe(physicalAddress);
            expect(view.getBigUint64(at + 32, true)).toBe(BigInt(bytes.length));
            expect(view.getBigUint64(at + 40, true)).toBe(memorySize);
            expect(file.subarray(Number(offset), Number(offset) + bytes.length)).toEqual(bytes);
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});
