import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildExecutable, type ExecutableSegment } from '../../../src/formats/elf/executable.js';
import { readelf } from '../../support/binutils.js';

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

const KERNEL = { physicalAddress: 0x4020_0000n, bytes: new Uint8Array(5000).fill(1), memorySize: 0x3000n };
const INITRD = { physicalAddress: 0x1_4800_0000n, bytes: new Uint8Array(4096).fill(2), memorySize: 0x1000n };
const DTB = { physicalAddress: 0x4a00_0123n, bytes: new Uint8Array(77).fill(3), memorySize: 0x1000n };
const NOTHING = { physicalAddress: 0x4b00_0000n, bytes: new Uint8Array(0), memorySize: 0x2000n };

describe('buildExecutable', () => {
  it('is what readelf reads without a complaint', () => {
    const file = joined(buildExecutable({ entry: 0x4020_0040n, segments: [INITRD, KERNEL, NOTHING, DTB] }));
    const text = readelf(file);
    expect(text).not.toMatch(/warning|error/i);
    expect(text).toMatch(/Type:\s+EXEC/);
    expect(text).toMatch(/Machine:\s+AArch64/);
    expect(text).toMatch(/Entry point address:\s+0x40200040/);
    const loads = [...text.matchAll(/^ +LOAD +(.*?) *$/gm)].map(([, columns]) => columns?.split(/ +/));
    expect(loads).toEqual([
      ['0x001000', '0x0000000040200000', '0x0000000040200000', '0x001388', '0x003000', 'RWE', '0x1000'],
      ['0x003123', '0x000000004a000123', '0x000000004a000123', '0x00004d', '0x001000', 'RWE', '0x1000'],
      ['0x004000', '0x000000004b000000', '0x000000004b000000', '0x000000', '0x002000', 'RWE', '0x1000'],
      ['0x004000', '0x0000000148000000', '0x0000000148000000', '0x001000', '0x001000', 'RWE', '0x1000'],
    ]);
  });

  it("hands on the segments' very bytes", () => {
    const pieces = buildExecutable({ entry: 0n, segments: [KERNEL, INITRD] });
    expect(pieces).toContain(KERNEL.bytes);
    expect(pieces).toContain(INITRD.bytes);
  });

  it('leaves the order of its input alone', () => {
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

  it('takes memory up to the last byte', () => {
    const segments = [{ ...NOTHING, physicalAddress: (1n << 64n) - 0x2000n }];
    expect(buildExecutable({ entry: 0n, segments }).length).toBe(2);
  });

  it('puts every segment where its header says, its offset as aligned as its address', () => {
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
          const file = joined(buildExecutable({ entry, segments: segments.toReversed() }));
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
