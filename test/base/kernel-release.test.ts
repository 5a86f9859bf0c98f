import { describe, expect, it } from 'vitest';
import { isReleaseBefore } from '../../src/base/kernel-release.js';

describe('isReleaseBefore', () => {
  it.each([
    ['6.7.12', true],
    ['6.8.0-rc1', false],
    ['6.12.94+deb13-arm64', false],
    ['5.19', true],
    ['10.0', false],
    ['6', undefined],
    ['next-20261128', undefined],
    [undefined, undefined],
  ])('compares %s with 6.8', (release, isBefore) => {
    expect(isReleaseBefore(release, 6, 8)).toBe(isBefore);
  });
});
