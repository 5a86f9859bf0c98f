import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteName } from '../../src/base/quote-name.js';

describe('quoteName', () => {
  it.each([
    'vendor',
    'Debian Secure Boot Signer 2022 - linux',
    'Canonical Ltd. Secure Boot Signing (2021 v1)',
    'Zoë Müller & Söhne',
    '株式会社 1',
  ])('leaves %s', (name) => {
    expect(quoteName(name)).toBe(name);
  });

  it.each([
    '26',
    '٢٦',
    '',
    'vendor, trusted through the builtin keyring',
    'a: b',
    ' vendor',
    'a  b',
    'a "b"',
    'Evil) loads (x',
    'a (b',
  ])('quotes %j', (name) => {
    expect(quoteName(name)).toBe(JSON.stringify(name));
  });

  it('leaves no name that a sentence could continue with a comma, a colon or a semicolon', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(',', ':', ';', '"', '\n'), fc.string(), (start, mark, end) => {
        expect(quoteName(`${start}${mark}${end}`)).toMatch(/^".*"$/s);
      }),
    );
  });
});
