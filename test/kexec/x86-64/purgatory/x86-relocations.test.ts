import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRelocation } from '../../../../src/kexec/x86-64/purgatory/x86-relocations.js';
import { catchRefusal } from '../../../support/hostile.js';

const PLACE = 0x7ffd_b010n;

/** Relocates eight bytes at 4 of a section of 16. */
function relocate(type: number, target: bigint, offset = 4n): bigint {
  const section = new Uint8Array(16);
  applyRelocation(section, offset, { type, target, place: PLACE, symbol: '"target"' });
  return new DataView(section.buffer).getBigUint64(4, true);
}

describe('applyRelocation', () => {
  it.each([
    ['NONE', 0, 0x1234n, 0n],
    ['64', 1, 0xfedc_ba98_7654_3210n, 0xfedc_ba98_7654_3210n],
    ['PC32', 2, PLACE + 0x100n, 0x100n],
    ['PC32, backwards', 2, PLACE - 4n, 0xffff_fffcn],
    ['PC32, too far: not checked', 2, PLACE + 0x1_0000_0002n, 2n],
    ['PLT32', 4, PLACE + 8n, 8n],
    ['32', 10, 0xffff_ffffn, 0xffff_ffffn],
    ['32S', 11, 0x7fff_ffffn, 0x7fff_ffffn],
    ['32S, negative', 11, -0x8000_0000n, 0x8000_0000n],
  ])('R_X86_64_%s', (_, type, target, expected) => {
    expect(relocate(type, target)).toBe(expected);
  });

  it.each([
    ['32 beyond 4 GiB', 10, 0x1_0000_0000n, 4n],
    ['32S beyond 2 GiB', 11, 0x8000_0000n, 4n],
    ['an unknown type', 9, 0n, 4n],
    ['one that leaves the section', 1, 0n, 9n],
    ['one that begins beyond it', 2, 0n, 1n << 63n],
  ])('refuses %s', (_, type, target, offset) => {
    const refusal = catchRefusal(() => relocate(type, target, offset));
    expect(refusal).toMatchObject({ check: 'elf-relocation', errno: 'ENOEXEC' });
  });

  it('ends in bytes or a refusal', () => {
    const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), u64, u64, (type, target, offset) => {
        catchRefusal(() => relocate(type, target, offset));
      }),
    );
  });
});
