import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, KIB, MIB, U64_LIMIT } from '../../../../src/base/u64.js';
import { loadPurgatory } from '../../../../src/kexec/arm64/purgatory/load-purgatory.js';
import { decodePurgatoryObject } from '../../../../src/kexec/arm64/purgatory/purgatory-object.js';
import { assemble, linkWithLd } from '../../../support/binutils.js';

/** An entry and whatever else a test needs. */
function purgatoryWith(source: string) {
  return loadPurgatory(assemble(`.globl purgatory_start\npurgatory_start: ret\n${source}`));
}

const SEVERAL_SECTIONS = `
        .text
        .skip   12
        .globl  purgatory_start
purgatory_start:
        bl      far
        adrp    x0, table
        add     x0, x0, :lo12:table
        ldr     x1, [x0, :lo12:value]
        adrp    x2, scratch
        ldrb    w2, [x2, :lo12:scratch + 5]
        cbz     x1, far
        ret
        .data
        .balign 64
table:  .xword  far, purgatory_start + 8, scratch
        .word   value - .
        .section .text.far, "ax"
        .balign 4
        .skip   5000
        .globl  far
far:    tbz     x0, #1, purgatory_start
        b       purgatory_start
        .section .rodata, "a"
        .ascii  "odd"
        .balign 8
value:  .xword  table - .
        .bss
        .balign 256
        .skip   3
scratch: .skip  4096
        .section .debug_notes, ""
        .xword  far
`;

describe('loadPurgatory', () => {
  const object = assemble(SEVERAL_SECTIONS);
  const contents = ['.text', '.data', '.text.far', '.rodata'];

  it.each([0n, 0x4000_0000n, 0x1_2345_6700n, 0xffff_ffff_0000n, 1n << 63n])(
    'gives at %s the bytes that GNU ld gives',
    (base) => {
      const { bytes, entry } = loadPurgatory(object).link(base);
      expect(bytes).toEqual(linkWithLd(object, base, [...contents, '.bss']));
      expect(entry).toBe(base + 12n);
    },
  );

  it('counts .bss, and honours alignment', () => {
    const purgatory = loadPurgatory(object);
    expect(purgatory.alignment).toBe(256n);
    expect(BigInt(purgatory.link(0n).bytes.length)).toBeLessThan(purgatory.size);
    expect(purgatory.size % 256n).toBe(3n); // .bss begins aligned, with 3 bytes and 4096 more
  });

  it('refuses a base that is not aligned, or too high', () => {
    const purgatory = loadPurgatory(object);
    for (const base of [8n, 0x4000_0080n, U64_LIMIT - 256n]) {
      expect(() => purgatory.link(base), hex(base)).toThrow(
        expect.objectContaining({ check: 'elf-section', errno: 'EINVAL' }),
      );
    }
  });

  it.each([
    ['an undefined symbol', 'bl nowhere', 'elf-symbol', /"nowhere" is undefined/],
    ['a common symbol', '.comm shared, 8\nadr x0, shared', 'elf-symbol', /"shared" is common/],
    [
      'a symbol out of a section that is not loaded',
      '.section .debug_x, ""\nnote: .word 1\n.text\n.xword note',
      'elf-symbol',
      /(note|debug_x)" is in a section that is not loaded/,
    ],
    [
      'a distance that is too far',
      'tbz x0, #1, far\n.section .far, "ax"\n.skip 0x8000\nfar: ret',
      'elf-relocation',
      /R_AARCH64_TSTBR14 at 0x40000004, for .*far.* out of range/,
    ],
    [
      'a symbol that needs a GOT',
      'adrp x0, :got:purgatory_start',
      'elf-relocation',
      /R_AARCH64_ADR_GOT_PAGE/,
    ],
  ])('refuses to link %s, by name', (_, source, check, seen) => {
    const purgatory = purgatoryWith(source);
    expect(() => purgatory.link(0x4000_0000n)).toThrow(
      expect.objectContaining({ check, errno: 'ENOEXEC', seen: expect.stringMatching(seen) }),
    );
  });

  it('leaves relocations of debug information alone', () => {
    const source = '.section .debug_x, ""\n.xword nowhere';
    expect(purgatoryWith(source).link(0n).bytes).toEqual(purgatoryWith('').link(0n).bytes);
  });

  it.each([
    ['no entry', 'start: ret', 'EINVAL'],
    ['a local entry', 'purgatory_start: ret', 'EINVAL'],
    ['an undefined entry', '.globl purgatory_start\nbl purgatory_start', 'EINVAL'],
    ['an absolute entry', '.globl purgatory_start\npurgatory_start = 0x1000', 'EINVAL'],
    ['an entry among data', '.data\n.globl purgatory_start\npurgatory_start: .word 0', 'ENOEXEC'],
    ['an entry at the end of the code', 'ret\n.globl purgatory_start\npurgatory_start:', 'ENOEXEC'],
    ['an odd entry', '.byte 0\n.globl purgatory_start\npurgatory_start: .byte 1, 2, 3', 'ENOEXEC'],
  ])('refuses %s', (_, source, errno) => {
    const built = assemble(source);
    expect(() => loadPurgatory(built)).toThrow(expect.objectContaining({ check: 'elf-symbol', errno }));
  });

  it.each([
    ['.bss', '.bss\n.skip 0x7fffffffffffffff'],
    ['all together', `.bss\n.skip ${MIB - 4n * KIB}\n.section .bss2, "aw", %nobits\n.skip ${8n * KIB}`],
  ])('refuses more than 1 MiB of %s', (_, source) => {
    expect(() => purgatoryWith(source)).toThrow(
      expect.objectContaining({ check: 'elf-section', errno: 'ENOEXEC' }),
    );
  });

  it('refuses an alignment of more than 1 MiB', () => {
    const bytes = decodePurgatoryObject();
    const view = new DataView(bytes.buffer);
    const text = Number(view.getBigUint64(40, true)) + 64;
    view.setBigUint64(text + 48, 1n << 40n, true);
    expect(() => loadPurgatory(bytes)).toThrow(
      expect.objectContaining({ check: 'elf-section', errno: 'ENOEXEC' }),
    );
  });
});

describe('symbols', () => {
  const value = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const SYMBOLS = `
        .data
        .globl pointer, zeros, shifted
        .type pointer, %object
        .size pointer, 8
pointer: .xword purgatory_start
        .size shifted, 16
shifted: .byte 9
        .bss
        .size zeros, 8
zeros:  .skip 8
`;

  it("have the object's values until they are set", () => {
    const purgatory = loadPurgatory(decodePurgatoryObject());
    expect(purgatory.getSymbol('kernel_entry')).toEqual(new Uint8Array(8));
    purgatory.setSymbol('kernel_entry', value);
    expect(purgatory.getSymbol('kernel_entry')).toEqual(value);
  });

  it('are copied when they are set and read', () => {
    const purgatory = loadPurgatory(decodePurgatoryObject());
    const changing = value.slice();
    purgatory.setSymbol('dtb_addr', changing);
    changing.fill(0xff);
    purgatory.getSymbol('dtb_addr').fill(0xee);
    expect(purgatory.getSymbol('dtb_addr')).toEqual(value);
  });

  it('win over relocations', () => {
    const purgatory = purgatoryWith(SYMBOLS);
    const before = purgatory.link(0x4000_0000n).bytes;
    purgatory.setSymbol('pointer', value);
    const after = purgatory.link(0x4000_0000n).bytes;
    expect(before.subarray(4, 12)).toEqual(Uint8Array.of(0, 0, 0, 0x40, 0, 0, 0, 0));
    expect(after.subarray(4, 12)).toEqual(value);
  });

  it.each([
    ['no such symbol', 'EINVAL', 'nowhere', 8],
    ['another size', 'EINVAL', 'pointer', 7],
    ['one in .bss', 'EINVAL', 'zeros', 8],
    ['one that leaves its section', 'ENOEXEC', 'shifted', 16],
  ])('cannot be set: %s', (_, errno, name, size) => {
    const purgatory = purgatoryWith(SYMBOLS);
    expect(() => purgatory.setSymbol(name, new Uint8Array(size))).toThrow(
      expect.objectContaining({ check: 'elf-symbol', errno }),
    );
  });

  it('cannot be asked for by a wrong name', () => {
    expect(() => loadPurgatory(decodePurgatoryObject()).getSymbol('__proto__')).toThrow(
      expect.objectContaining({ check: 'elf-symbol', errno: 'EINVAL' }),
    );
  });
});

describe('link', () => {
  it('is pure', () => {
    const purgatory = loadPurgatory(decodePurgatoryObject());
    const page = fc.bigInt(0n, (1n << 52n) - purgatory.size / 4096n);
    fc.assert(
      fc.property(page, page, (one, other) => {
        const first = purgatory.link(one * 4096n);
        purgatory.link(other * 4096n).bytes.fill(0xff);
        expect(purgatory.link(one * 4096n)).toEqual(first);
      }),
    );
  });
});
