import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { parseElf } from '../../../src/formats/elf/object.js';
import { loadPurgatory } from '../../../src/kexec/arm64/purgatory/load-purgatory.js';
import { assemble } from '../../support/binutils.js';

const SECTION_HEADER_SIZE = 64;

/** Code that reads what a loader sets: an object with a section of each kind that purgatory has. */
const SOURCE = `
        .text
        .globl  purgatory_start
        .type   purgatory_start, %function
purgatory_start:
        adrp    x17, kernel_entry
        ldr     x17, [x17, #:lo12:kernel_entry]
        adrp    x0, dtb_addr
        ldr     x0, [x0, #:lo12:dtb_addr]
        mov     x1, xzr
        mov     x2, xzr
        mov     x3, xzr
        br      x17

        .data
        .balign 8
        .globl  kernel_entry, dtb_addr, regions, digest
kernel_entry: .zero 8
        .type   dtb_addr, %object
        .size   dtb_addr, 8
dtb_addr: .zero 8
regions: .zero 256
digest: .zero 32`;

const OBJECT = assemble(SOURCE);

/** The object, as fresh bytes. */
const object = (): Uint8Array => OBJECT.slice();

/** Its sections, by index, as GNU as orders them. */
const TEXT = 1;
const RELA_TEXT = 2;
const DATA = 3;
const SYMTAB = 5;
const STRTAB = 6;

type Change = (view: DataView, bytes: Uint8Array) => void;

function changed(change: Change): Uint8Array {
  const bytes = object();
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

/** Writes a field of a section header. */
function section(
  index: number,
  field: 'type' | 'offset' | 'size' | 'link' | 'info' | 'alignment' | 'entrySize',
  value: bigint,
): Change {
  return (view) => {
    const at = Number(view.getBigUint64(40, true)) + index * SECTION_HEADER_SIZE;
    if (field === 'type') view.setUint32(at + 4, Number(value), true);
    else if (field === 'offset') view.setBigUint64(at + 24, value, true);
    else if (field === 'size') view.setBigUint64(at + 32, value, true);
    else if (field === 'link') view.setUint32(at + 40, Number(value), true);
    else if (field === 'info') view.setUint32(at + 44, Number(value), true);
    else if (field === 'alignment') view.setBigUint64(at + 48, value, true);
    else view.setBigUint64(at + 56, value, true);
  };
}

/** Writes into the contents of a section. */
function inside(index: number, write: (contents: DataView) => void): Change {
  return (view) => {
    const at = Number(view.getBigUint64(40, true)) + index * SECTION_HEADER_SIZE;
    const offset = Number(view.getBigUint64(at + 24, true));
    write(new DataView(view.buffer, offset, Number(view.getBigUint64(at + 32, true))));
  };
}

describe('parseElf', () => {
  it('reads sections, symbols and relocations', () => {
    const { sections, symbols, relocations } = parseElf(object());
    expect(sections.map(({ name }) => name)).toEqual([
      '',
      '.text',
      '.rela.text',
      '.data',
      '.bss',
      '.symtab',
      '.strtab',
      '.shstrtab',
    ]);
    expect(sections[TEXT]).toMatchObject({ flags: 6n, size: 32n, alignment: 4n });
    expect(sections[DATA]?.contents).toEqual(new Uint8Array(304));
    expect(symbols[8]).toEqual({ name: 'dtb_addr', binding: 1, value: 8n, size: 8n, section: DATA });
    expect(relocations[2]).toEqual({ section: TEXT, offset: 8n, type: 275, symbol: symbols[8], addend: 0n });
  });

  it('shares memory with its input', () => {
    const bytes = object();
    expect(parseElf(bytes).sections[TEXT]?.contents?.buffer).toBe(bytes.buffer);
  });

  it.each<[string, string, Change]>([
    ['a shell script', 'elf-header', (_, bytes) => bytes.set(new TextEncoder().encode('#!/bin/sh'))],
    ['a 32-bit file', 'elf-header', (view) => view.setUint8(4, 1)],
    ['a big-endian file', 'elf-header', (view) => view.setUint8(5, 2)],
    ['an ELF version of the future', 'elf-header', (view) => view.setUint8(6, 2)],
    ['an executable', 'elf-header', (view) => view.setUint16(16, 2, true)],
    ["another machine's object", 'elf-header', (view) => view.setUint16(18, 62, true)],
    ['section headers of another size', 'elf-header', (view) => view.setUint16(58, 40, true)],
    [
      'section headers beyond the file',
      'elf-section',
      (view) => view.setBigUint64(40, (1n << 64n) - 64n, true),
    ],
    ['more section headers than there are', 'elf-section', (view) => view.setUint16(60, 9, true)],
    ['no section headers', 'elf-section', (view) => view.setUint16(60, 0, true)],
    ['no section of names', 'elf-section', (view) => view.setUint16(62, 0xffff, true)],
    ['names out of a section of code', 'elf-section', (view) => view.setUint16(62, TEXT, true)],
    [
      'a name beyond its table',
      'elf-section',
      (view) => view.setUint32(Number(view.getBigUint64(40, true)), 999, true),
    ],
    ['contents beyond the file', 'elf-section', section(DATA, 'offset', 0x10000n)],
    ['contents that wrap around', 'elf-section', section(DATA, 'size', (1n << 64n) - 1n)],
    ['contents that overlap', 'elf-section', section(DATA, 'offset', 0x50n)],
    ['an alignment of 3', 'elf-section', section(DATA, 'alignment', 3n)],
    ['two symbol tables', 'elf-symbol', section(DATA, 'type', 2n)],
    ['symbols of another size', 'elf-symbol', section(SYMTAB, 'entrySize', 16n)],
    ['half a symbol', 'elf-symbol', section(SYMTAB, 'size', 36n)],
    ['symbols with names in no section', 'elf-symbol', section(SYMTAB, 'link', 77n)],
    [
      'a symbol with a name beyond its table',
      'elf-symbol',
      inside(SYMTAB, (view) => view.setUint32(24, 0xffffffff, true)),
    ],
    ['a name without an end', 'elf-symbol', section(STRTAB, 'size', 3n)],
    ['a symbol in section 99', 'elf-symbol', inside(SYMTAB, (view) => view.setUint16(24 + 6, 99, true))],
    ['relocations without addends', 'elf-relocation', section(RELA_TEXT, 'type', 9n)],
    ['relocations of another size', 'elf-relocation', section(RELA_TEXT, 'entrySize', 0n)],
    ['relocations without symbols', 'elf-relocation', section(RELA_TEXT, 'link', 77n)],
    ['relocations for no section', 'elf-relocation', section(RELA_TEXT, 'info', 0n)],
    ['relocations for section 99', 'elf-relocation', section(RELA_TEXT, 'info', 99n)],
    [
      'a relocation by symbol 99',
      'elf-relocation',
      inside(RELA_TEXT, (view) => view.setUint32(12, 99, true)),
    ],
  ])('refuses %s', (_, check, change) => {
    const bytes = changed(change);
    expect(() => parseElf(bytes)).toThrow(expect.objectContaining({ check, errno: 'ENOEXEC' }));
  });

  it.each([0, 3, 4, 15, 63, 64, 500, OBJECT.length - 1])('refuses the first %i bytes', (length) => {
    const bytes = object().subarray(0, length);
    expect(() => parseElf(bytes)).toThrow(expect.objectContaining({ errno: 'ENOEXEC' }));
  });

  it('refuses more than 1 MiB', () => {
    const bytes = new Uint8Array(1024 * 1024 + 1);
    bytes.set(object());
    expect(() => parseElf(bytes)).toThrow(expect.objectContaining({ check: 'elf-header', errno: 'ENOEXEC' }));
    expect(parseElf(bytes.subarray(0, -1)).symbols.length).toBe(11);
  });

  it('refuses names without an end, and the most symbols that fit, quickly', () => {
    // 43000 symbols share one name that fills what is left of the file.
    const bytes = new Uint8Array(1024 * 1024).fill(0x61);
    bytes.set(object());
    const symbols = 43_000;
    const view = new DataView(bytes.buffer);
    const start = object().length;
    bytes.fill(0, start, start + symbols * 24);
    section(SYMTAB, 'offset', BigInt(start))(view, bytes);
    section(SYMTAB, 'size', BigInt(symbols * 24))(view, bytes);
    section(STRTAB, 'offset', BigInt(start + symbols * 24))(view, bytes);
    section(STRTAB, 'size', BigInt(bytes.length - start - symbols * 24))(view, bytes);
    expect(() => parseElf(bytes)).toThrow(/no end within 255 bytes/);
    view.setUint8(start + symbols * 24 + 255, 0);
    expect(parseElf(bytes).symbols.at(-1)?.name).toBe('a'.repeat(255));
  });

  it('throws only KexecErrors, whatever is modified', () => {
    const { length } = OBJECT;
    const edits = fc.array(
      fc.record({
        at: fc.nat(length - 8),
        value: fc.oneof(
          fc.bigInt(0n, (1n << 64n) - 1n),
          fc.bigInt(0n, 600n),
          fc.constantFrom((1n << 64n) - 1n, 1n << 63n, 1n << 32n),
        ),
        width: fc.constantFrom(1, 2, 4, 8),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(edits, fc.nat(length), (changes, cut) => {
        const bytes = object();
        for (const { at, value, width } of changes) {
          for (let i = 0; i < width; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
        }
        for (const hostile of [bytes, bytes.subarray(0, cut)]) {
          try {
            loadPurgatory(hostile).link(0x4000_0000n);
          } catch (error) {
            expect(error).toBeInstanceOf(KexecError);
          }
        }
        expect(bytes.length).toBe(length);
      }),
      { numRuns: 2000 },
    );
  });
});
