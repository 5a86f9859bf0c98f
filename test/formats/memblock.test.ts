import { describe, expect, it } from 'vitest';
import { parseMemblock, printsFlags } from '../../src/formats/memblock.js';

describe('parseMemblock', () => {
  it('reads the form that kernels since 6.6 print, with node and flags', () => {
    const text = `   0: 0x0000000040000000..0x000000007fffffff    0 NONE
   1: 0x0000000080000000..0x00000000800fffff    x NOMAP|DRV_MNG
`;
    const regions = parseMemblock(text);
    expect(regions).toEqual([
      { range: { start: 0x4000_0000n, end: 0x8000_0000n }, flags: [] },
      { range: { start: 0x8000_0000n, end: 0x8010_0000n }, flags: ['NOMAP', 'DRV_MNG'] },
    ]);
    expect(printsFlags(text)).toBe(true);
  });

  it('reads the form of older kernels, with ranges only', () => {
    const text = '   0: 0x0000000040000000..0x000000007fffffff\n';
    expect(parseMemblock(text)).toEqual([{ range: { start: 0x4000_0000n, end: 0x8000_0000n }, flags: [] }]);
    expect(printsFlags(text)).toBe(false);
  });

  it('reads the flags of Linux 7.3, also those of a kernel that is newer still', () => {
    const text = `   0: 0x0000000040000000..0x00000000403fffff    x RSV_KERN
   1: 0x0000000040400000..0x00000000404effff    x NONE
   2: 0x0000000074800000..0x00000000757fffff    0 RSV_NIT|RSV_KERN|KHO_SCRATCH
   3: 0x000000007f000000..0x000000007fffffff    1 RSV_HUGETLB|UNKNOWN
`;
    expect(parseMemblock(text).map(({ flags }) => flags)).toEqual([
      ['RSV_KERN'],
      [],
      ['RSV_NIT', 'RSV_KERN', 'KHO_SCRATCH'],
      ['RSV_HUGETLB', 'UNKNOWN'],
    ]);
    expect(printsFlags(text)).toBe(true);
  });

  it('refuses other lines by their number', () => {
    expect(() => parseMemblock('   0: 0x0..0xfff\nnonsense')).toThrow(
      expect.objectContaining({
        check: 'memblock-line',
        errno: 'EINVAL',
        seen: expect.stringContaining('line 2'),
      }),
    );
    expect(() => parseMemblock('   0: 0xfff..0x0')).toThrow(
      expect.objectContaining({ check: 'range-order' }),
    );
  });

  it.each([
    ['twice the same', '   0: 0x0..0xfff    0 NONE\n   1: 0x0..0xfff    0 NONE\n'],
    ['the higher first', '   0: 0x2000..0x2fff\n   1: 0x0..0xfff\n'],
    ['overlapping', '   0: 0x0..0x1fff\n   1: 0x1000..0x2fff\n'],
    ['an empty one', '   0: 0x1000..0xfff\n'],
  ])('refuses regions that memblock does not have: %s', (_, text) => {
    expect(() => parseMemblock(text)).toThrow(
      expect.objectContaining({ check: 'memblock-line', errno: 'EINVAL' }),
    );
  });
});
