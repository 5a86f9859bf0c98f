import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDmCryptKeys } from '../../src/machine/read-dm-crypt-keys.js';

const read = (keys: string | undefined, reuse?: string) =>
  readDmCryptKeys({ 'dm-crypt-keys': keys, 'dm-crypt-reuse': reuse });

describe('readDmCryptKeys', () => {
  it('reads names and descriptions, and which have none', () => {
    expect(read('data\t(null)\nroot\tcryptsetup:1 2\nswap\t\n', '0\n')).toEqual({
      dmCryptKeys: {
        keys: [{ name: 'data' }, { name: 'root', description: 'cryptsetup:1 2' }, { name: 'swap' }],
        reuse: false,
      },
      broken: [],
    });
    expect(read('', '1\n').dmCryptKeys).toEqual({ keys: [], reuse: true });
    expect(read(undefined, '1\n')).toEqual({ dmCryptKeys: undefined, broken: [] });
  });

  it.each([
    ['a line without a tab', 'root\n'],
    ['a key without a name', '\tcryptsetup:1\n'],
    ['more keys than the kernel has', 'root\tcryptsetup:1\n'.repeat(130)],
  ])('says that %s is unknown', (_, text) => {
    expect(read(text)).toEqual({
      dmCryptKeys: undefined,
      broken: [{ fact: 'dm-crypt-keys', reason: expect.stringMatching(/dm-crypt key/) }],
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (keys, reuse) => {
        const { dmCryptKeys, broken } = read(keys, reuse);
        expect(dmCryptKeys === undefined).toBe(broken.length > 0);
      }),
    );
  });
});
