/** Every relocation, as ld applies it: test/boot starts purgatory with those that it has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../../src/base/error.js';
import { hex, MIB } from '../../../../src/base/u64.js';
import { parseElf } from '../../../../src/formats/elf/object.js';
import { applyRelocation } from '../../../../src/kexec/arm64/purgatory/relocate.js';
import { REFUSED_RELOCATIONS, RELOCATIONS } from '../../../../src/kexec/arm64/purgatory/relocations.js';
import { assemble, linkWithLd, runReadelf } from '../../../support/binutils.js';

const LOW = 0x4000_0000n;
const HIGH = 0x12_3456_7000n;

interface Case {
  readonly source: string;
  /** Values of `target` that fit, of which one linked with `base` after another. */
  readonly fits: (base: bigint) => readonly bigint[];
  /** Values that GNU ld refuses as well. */
  readonly refused?: (base: bigint) => readonly bigint[];
  /** Values that only we refuse (GNU ld drops the low bits, or goes by way of a veneer). */
  readonly refusedHereAlone?: (base: bigint) => readonly bigint[];
}

/** A displacement of `bits` bits in units of `unit` bytes: the ends of its range, and what lies just beyond. */
function displacement(source: string, bits: bigint, unit: bigint): Case {
  const half = 1n << (bits - 1n);
  return {
    source,
    fits: (base) => [base, base + half - unit, base - half],
    refused: (base) => [base + half, base - half - unit],
  };
}

function branch(source: string, bits: bigint): Case {
  return { ...displacement(source, bits, 4n), refusedHereAlone: (base) => [base + 2n, base + 5n] };
}

function withinPage(source: string, unit: bigint): Case {
  return {
    source,
    fits: (base) => [base, base + 0x1000n - unit, base + 0x1230n],
    ...(unit === 1n ? {} : { refused: (base: bigint) => [base + unit / 2n, base + 1n] }),
  };
}

function absolute(source: string, bits: bigint): Case {
  return {
    source,
    fits: () => [0n, (1n << bits) - 1n, 0x1234n],
    refused: () => [1n << bits, (1n << 63n) + 5n],
  };
}

const ANYTHING = (base: bigint): readonly bigint[] => [base, 0x1234_5678_9abc_def0n, (1n << 63n) - 1n];

const CASES: Readonly<Record<string, Case>> = {
  R_AARCH64_ABS64: { source: '.xword target', fits: ANYTHING },
  R_AARCH64_ABS32: absolute('.word target', 32n),
  R_AARCH64_ABS16: absolute('.hword target', 16n),
  R_AARCH64_PREL64: { source: '.xword target - .', fits: ANYTHING },
  R_AARCH64_PREL32: displacement('.word target - .', 32n, 1n),
  R_AARCH64_PREL16: displacement('.hword target - .', 16n, 1n),
  R_AARCH64_MOVW_UABS_G0: absolute('movz x3, #:abs_g0:target', 16n),
  R_AARCH64_MOVW_UABS_G0_NC: { source: 'movk x3, #:abs_g0_nc:target', fits: ANYTHING },
  R_AARCH64_MOVW_UABS_G1: absolute('movz x3, #:abs_g1:target', 32n),
  R_AARCH64_MOVW_UABS_G1_NC: { source: 'movk x3, #:abs_g1_nc:target', fits: ANYTHING },
  R_AARCH64_MOVW_UABS_G2: absolute('movz x3, #:abs_g2:target', 48n),
  R_AARCH64_MOVW_UABS_G2_NC: { source: 'movk x3, #:abs_g2_nc:target', fits: ANYTHING },
  R_AARCH64_MOVW_UABS_G3: { source: 'movk x3, #:abs_g3:target', fits: ANYTHING },
  R_AARCH64_LD_PREL_LO19: displacement('ldr x3, target', 21n, 4n),
  R_AARCH64_ADR_PREL_LO21: displacement('adr x3, target', 21n, 1n),
  R_AARCH64_ADR_PREL_PG_HI21: displacement('adrp x3, target', 33n, 4096n),
  R_AARCH64_ADR_PREL_PG_HI21_NC: { source: 'adrp x3, :pg_hi21_nc:target', fits: ANYTHING },
  R_AARCH64_ADD_ABS_LO12_NC: withinPage('add x3, x4, :lo12:target', 1n),
  R_AARCH64_LDST8_ABS_LO12_NC: withinPage('ldrb w3, [x4, :lo12:target]', 1n),
  R_AARCH64_LDST16_ABS_LO12_NC: withinPage('strh w3, [x4, :lo12:target]', 2n),
  R_AARCH64_LDST32_ABS_LO12_NC: withinPage('ldr w3, [x4, :lo12:target]', 4n),
  R_AARCH64_LDST64_ABS_LO12_NC: withinPage('str x3, [x4, :lo12:target]', 8n),
  R_AARCH64_LDST128_ABS_LO12_NC: withinPage('ldr q3, [x4, :lo12:target]', 16n),
  R_AARCH64_TSTBR14: branch('tbnz x3, #33, target', 16n),
  R_AARCH64_CONDBR19: branch('b.ne target', 21n),
  R_AARCH64_JUMP26: {
    source: 'b target',
    fits: (base) => [base, base + 128n * MIB - 4n, base - 128n * MIB],
    refusedHereAlone: (base) => [base + 128n * MIB, base - 128n * MIB - 4n, base + 2n],
  },
  R_AARCH64_CALL26: {
    source: 'bl target',
    fits: (base) => [base, base + 128n * MIB - 4n, base - 128n * MIB],
    refusedHereAlone: (base) => [base + 128n * MIB, base - 128n * MIB - 4n, base + 2n],
  },
};

/** Applies the only relocation of an object's .text, for a given value of its symbol. */
function relocateHere(object: Uint8Array, base: bigint, target: bigint): Uint8Array {
  const { sections, relocations } = parseElf(object);
  const [relocation] = relocations;
  const text = sections.find(({ name }) => name === '.text')?.contents?.slice();
  if (relocation === undefined || text === undefined) throw new Error('there is no relocation');
  const { type, offset, addend } = relocation;
  applyRelocation(text, offset, { type, target: target + addend, place: base + offset, symbol: 'target' });
  return text;
}

// The instructions before it show that the place is counted from the section's start.
const PLACE = 16n;

function assembleCase(source: string): Uint8Array {
  return assemble(`nop\nnop\nnop\nnop\n${source}`);
}

describe.each(Object.entries(CASES))('%s', (name, { source, fits }) => {
  const object = assembleCase(source);

  it.each([LOW, HIGH])('equals the result of GNU ld at %s', (base) => {
    expect(RELOCATIONS[parseElf(object).relocations[0]?.type ?? 0]?.name).toBe(name);
    for (const target of fits(base + PLACE)) {
      const linked = linkWithLd(object, base, ['.text'], { target });
      expect(relocateHere(object, base, target), hex(target)).toEqual(linked);
    }
  });
});

const REFUSALS = Object.entries(CASES).flatMap(([name, { source, refused, refusedHereAlone }]) => [
  ...(refused?.(LOW + PLACE) ?? []).map((target) => ({ name, source, target, alsoByLd: true })),
  ...(refusedHereAlone?.(LOW + PLACE) ?? []).map((target) => ({ name, source, target, alsoByLd: false })),
]);

describe('a value that does not fit', () => {
  it.each(REFUSALS)('is refused: $name for target $target', ({ name, source, target, alsoByLd }) => {
    const object = assembleCase(source);
    if (alsoByLd) expect(() => linkWithLd(object, LOW, ['.text'], { target })).toThrow(/ld failed/);
    expect(() => relocateHere(object, LOW, target)).toThrow(
      expect.objectContaining({
        check: 'elf-relocation',
        errno: 'ENOEXEC',
        seen: expect.stringMatching(
          `^${name} at ${hex(LOW + PLACE)}, for target, is (out of range|misaligned)`,
        ),
      }),
    );
  });
});

describe('applyRelocation', () => {
  it('is tested for every type it knows', () => {
    const known = Object.values(RELOCATIONS).map(({ name }) => name);
    expect(Object.keys(CASES).sort()).toEqual(known.sort());
  });

  it.each([
    ['-1 in 32 bits', 258, -1n, [0xff, 0xff, 0xff, 0xff]],
    ['the least in 32 bits', 258, -(1n << 31n), [0, 0, 0, 0x80]],
    ['the same as an address', 258, (1n << 64n) - (1n << 31n), [0, 0, 0, 0x80]],
    ['-1 in 16 bits', 259, -1n, [0xff, 0xff, 0, 0]],
  ])('takes signed data, as the ABI does and GNU ld does not: %s', (_, type, target, expected) => {
    const section = new Uint8Array(4);
    applyRelocation(section, 0n, { type, target, place: LOW, symbol: 'target' });
    expect([...section]).toEqual(expected);
  });

  it.each([-(1n << 31n) - 1n, 1n << 32n])('refuses %s for 32 bits of data', (target) => {
    expect(() =>
      applyRelocation(new Uint8Array(4), 0n, { type: 258, target, place: LOW, symbol: 'target' }),
    ).toThrow(/R_AARCH64_ABS32 .* out of range/);
  });

  it.each([0, 256])('does nothing for R_AARCH64_NONE (%i)', (type) => {
    const section = Uint8Array.of(1, 2, 3, 4);
    applyRelocation(section, 99n, { type, target: 5n, place: LOW, symbol: 'target' });
    expect([...section]).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ...Object.entries(REFUSED_RELOCATIONS).map(([type, name]) => [name, Number(type)] as const),
    ['relocation type 4242', 4242] as const,
  ])('refuses %s by name', (name, type) => {
    expect(() =>
      applyRelocation(new Uint8Array(8), 0n, { type, target: 0n, place: 0n, symbol: 'target' }),
    ).toThrow(
      expect.objectContaining({
        errno: 'ENOEXEC',
        seen: expect.stringContaining(`${name} at 0x0, for target`),
      }),
    );
  });

  it.each([
    'adrp x0, :got:target',
    'ldr x0, [x0, :got_lo12:target]',
    'movz x0, #:abs_g0_s:target',
    'adrp x0, :gottprel:target',
    'add x0, x0, :tprel_hi12:target',
  ])("refuses the relocation of `%s` by readelf's name for it", (source) => {
    const object = assemble(source);
    const [name] = /R_AARCH64_\w+/.exec(runReadelf(object)) ?? ['no relocation'];
    expect(() => relocateHere(object, LOW, LOW)).toThrow(
      expect.objectContaining({
        seen: expect.stringMatching(`^${name} at .* is not one that purgatory may have`),
      }),
    );
  });

  it('changes its field alone, or throws', () => {
    const numbers = fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(RELOCATIONS).map(Number)),
        fc.uint8Array({ minLength: 0, maxLength: 24 }),
        fc.oneof(
          fc.bigInt(0n, 24n),
          numbers.map((number) => BigInt.asUintN(64, number)),
        ),
        numbers,
        numbers.map((number) => BigInt.asUintN(64, number)),
        (type, before, offset, target, place) => {
          const after = before.slice();
          try {
            applyRelocation(after, offset, { type, target, place, symbol: 'target' });
          } catch (error) {
            expect(error).toBeInstanceOf(KexecError);
            expect(after).toEqual(before);
            return;
          }
          const size = RELOCATIONS[type]?.field.size ?? 0;
          expect(after.subarray(0, Number(offset))).toEqual(before.subarray(0, Number(offset)));
          expect(after.subarray(Number(offset) + size)).toEqual(before.subarray(Number(offset) + size));
        },
      ),
    );
  });
});
