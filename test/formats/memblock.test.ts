import { describe, expect, it } from 'vitest';
import { isSkippedByWalk, parseMemblock } from '../../src/formats/memblock.js';

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
    expect(regions.map(isSkippedByWalk)).toEqual([false, true]);
  });

  it('reads the form of older kernels, with ranges only', () => {
    expect(parseMemblock('   0: 0x0000000040000000..0x000000007fffffff\n')).toEqual([
      { range: { start: 0x4000_0000n, end: 0x8000_0000n }, flags: [] },
    ]);
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
});
