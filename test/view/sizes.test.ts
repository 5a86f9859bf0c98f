import { describe, expect, it } from 'vitest';
import { GIB, KIB, MIB } from '../../src/base/u64.js';
import { formatSize, formatSizeColumn } from '../../src/view/sizes.js';

describe('sizeColumn', () => {
  it.each([
    [0n, '0 B'],
    [102n, '102 B'],
    [103n, '0.1 KiB'],
    [4n * KIB, '4.0 KiB'],
    [102n * KIB, '102.0 KiB'],
    [103n * KIB, '0.1 MiB'],
    [27n * MIB, '27.0 MiB'],
    [MIB + 52n * KIB, '1.1 MiB'],
    [2n * GIB, '2048.0 MiB'],
    [10n * GIB, '10.0 GiB'],
    [1n << 64n, '17179869184.0 GiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatSizeColumn(bytes)).toBe(text);
  });
});

describe('formatSize', () => {
  it.each([
    [0n, '0 B'],
    [1023n, '1023 B'],
    [4n * KIB, '4 KiB'],
    [100n * KIB, '100 KiB'],
    [MIB + 512n * KIB, '1.5 MiB'],
    [MIB + MIB / 200n, '1 MiB'],
    [2015n * MIB, '1.97 GiB'],
    [20n * GIB, '20 GiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});
