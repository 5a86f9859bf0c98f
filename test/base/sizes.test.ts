import { describe, expect, it } from 'vitest';
import { formatBytes, formatParameterSize, formatSize, formatSizeColumn } from '../../src/base/sizes.js';
import { GIB, KIB, MIB } from '../../src/base/u64.js';

describe('formatSizeColumn', () => {
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

describe('formatParameterSize', () => {
  it.each([
    [1n, '1K'],
    [4n * KIB, '4K'],
    [MIB + 1n, '2M'],
    [320n * MIB, '320M'],
    [GIB + 512n * MIB, '1536M'],
    [2n * GIB, '2G'],
    [1024n * GIB, '1T'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatParameterSize(bytes)).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [4096n, '4 KiB (0x1000)'],
    [0x1f6dfc0, '31.43 MiB (0x1f6dfc0)'],
  ])('%s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
