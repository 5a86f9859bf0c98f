import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRange } from '../../src/base/range.js';
import { readCrashCma } from '../../src/machine/read-crash-cma.js';

const read = (text: string | undefined) => readCrashCma({ 'crash-cma-ranges': text });

describe('readCrashCma', () => {
  it('reads ranges with inclusive ends, in the order of the kernel', () => {
    const { crashCma, broken } = read('c1800000-ffffffff\n71c00000-77bfffff\n100000000-17fffffff\n');
    expect(crashCma?.map(formatRange)).toEqual([
      '0xc1800000..0x100000000',
      '0x71c00000..0x77c00000',
      '0x100000000..0x180000000',
    ]);
    expect(broken).toEqual([]);
  });

  it('finds none where the kernel reserved none, or does not show any', () => {
    for (const text of [undefined, '', '\n']) expect(read(text)).toEqual({ crashCma: undefined, broken: [] });
  });

  it.each([
    ['an end before the start', '77bfffff-71c00000\n'],
    ['no range', 'crash\n'],
    ['more than the kernel has', '00001000-00001fff\n'.repeat(5)],
    ['addresses of more than 64 bits', '10000000000000000-1ffffffffffffffff\n'],
  ])('says that %s is unknown', (_, text) => {
    expect(read(text)).toEqual({
      crashCma: undefined,
      broken: [{ fact: 'crash-cma-ranges', reason: expect.stringMatching(/crash CMA range/) }],
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f\n-]*$/)), (text) => {
        const { crashCma = [], broken } = read(text);
        expect(crashCma.every(({ start, end }) => start < end)).toBe(true);
        expect(broken.length === 0 || crashCma.length === 0).toBe(true);
      }),
    );
  });
});
