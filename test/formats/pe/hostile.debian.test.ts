import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { corpus } from '../../support/corpus.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';
import { buildPe, changeNumber, PE_OFFSETS, type PeParts, SECTION_OFFSETS } from '../../support/pe.js';

const PARTS = {
  sections: [
    { name: '.text', bytes: new Uint8Array(0x200).fill(1) },
    { name: '/4', bytes: new Uint8Array(0x200).fill(2) },
  ],
  strings: '.long_section_name\0',
  certificates: [
    { type: 2, bytes: new Uint8Array(24) },
    { type: 2, bytes: new Uint8Array(24) },
  ],
} satisfies PeParts;

const FILE = buildPe(PARTS);
const DIRECTORIES = PE_OFFSETS.optional + 112;
const CERTIFICATE_ENTRY = DIRECTORIES + 4 * 8;
const SECOND_SECTION = DIRECTORIES + 16 * 8 + 40;
const { start: CERTIFICATES, end: CERTIFICATES_END } = parsePe(FILE).certificateTable ?? { start: 0, end: 0 };

describe('parsePe refuses', () => {
  it.each<[string, string, Uint8Array]>([
    ['an empty file', 'pe-header', new Uint8Array()],
    ['a file without MZ', 'pe-header', changeNumber(FILE, 0, 0)],
    ['a PE header within the MZ header', 'pe-header', changeNumber(FILE, 0x3c, 0x3c)],
    ['a PE header behind the file', 'pe-header', changeNumber(FILE, 0x3c, 0xffff_fff0)],
    ['a file without PE', 'pe-header', changeNumber(FILE, 0x40, 0x1_4550)],
    ['an optional header of unknown kind', 'pe-header', changeNumber(FILE, PE_OFFSETS.optional, 0x107, 2)],
    [
      'an optional header that is too short',
      'pe-header',
      changeNumber(FILE, PE_OFFSETS.sizeOfOptionalHeader, 111, 2),
    ],
    [
      'an optional header that leaves the file',
      'pe-header',
      changeNumber(FILE, PE_OFFSETS.sizeOfOptionalHeader, 0xffff, 2),
    ],
    ['65,535 sections', 'pe-header', changeNumber(FILE, PE_OFFSETS.numberOfSections, 0xffff, 2)],
    [
      'headers larger than the file',
      'pe-header',
      changeNumber(FILE, PE_OFFSETS.sizeOfHeaders, FILE.length + 1),
    ],
    [
      'headers smaller than they are',
      'pe-header',
      changeNumber(FILE, PE_OFFSETS.sizeOfHeaders, SECOND_SECTION + 39),
    ],
    ['2^32 - 1 directories', 'pe-directory', changeNumber(FILE, DIRECTORIES - 4, 0xffff_ffff)],
    ['one directory too many', 'pe-directory', changeNumber(FILE, DIRECTORIES - 4, 17)],
    [
      'a section that leaves the file',
      'pe-section',
      changeNumber(FILE, SECOND_SECTION + SECTION_OFFSETS.size, FILE.length),
    ],
    [
      'a section of 4 GiB',
      'pe-section',
      changeNumber(FILE, SECOND_SECTION + SECTION_OFFSETS.size, 0xffff_ffff),
    ],
    [
      'a section behind the file',
      'pe-section',
      changeNumber(FILE, SECOND_SECTION + SECTION_OFFSETS.pointer, 0xffff_ffff),
    ],
    [
      'a section within the headers',
      'pe-section',
      changeNumber(FILE, SECOND_SECTION + SECTION_OFFSETS.pointer, 0x3ff),
    ],
    [
      'overlapping sections',
      'pe-section',
      changeNumber(FILE, SECOND_SECTION + SECTION_OFFSETS.pointer, 0x5ff),
    ],
    ['a long name without text', 'pe-section', buildPe({ ...PARTS, strings: 'x'.repeat(300) })],
    ['a long name behind the string table', 'pe-section', buildPe({ ...PARTS, strings: '' })],
    [
      'symbols that leave the file',
      'pe-section',
      changeNumber(FILE, PE_OFFSETS.symbolTable + 4, 0xffff_ffff),
    ],
    [
      'a certificate table that leaves the file',
      'pe-certificates',
      changeNumber(FILE, CERTIFICATE_ENTRY, CERTIFICATES + 1),
    ],
    [
      'a certificate table of 4 GiB',
      'pe-certificates',
      changeNumber(FILE, CERTIFICATE_ENTRY + 4, 0xffff_ffff),
    ],
    [
      'a certificate table within the headers',
      'pe-certificates',
      changeNumber(FILE, CERTIFICATE_ENTRY, 0x3f8),
    ],
    ['a certificate table in a section', 'pe-certificates', changeNumber(FILE, CERTIFICATE_ENTRY, 0x600)],
    ['a certificate of length 0', 'pe-certificates', changeNumber(FILE, CERTIFICATES, 0)],
    ['a certificate shorter than its header', 'pe-certificates', changeNumber(FILE, CERTIFICATES, 7)],
    ['a certificate that leaves the table', 'pe-certificates', changeNumber(FILE, CERTIFICATES + 32, 33)],
    [
      'a certificate table with too many entries',
      'pe-certificates',
      buildPe({ certificates: Array.from({ length: 65 }, () => ({ type: 2, bytes: new Uint8Array() })) }),
    ],
  ])('%s', (_, check, file) => {
    expect(catchRefusal(() => parsePe(file))).toMatchObject({ check, errno: 'ELIBBAD' });
  });

  it('a file cut short anywhere', () => {
    for (let length = 0; length < CERTIFICATES_END; length += 1) {
      expect(catchRefusal(() => parsePe(FILE.subarray(0, length)))?.errno, `${length} bytes`).toBe('ELIBBAD');
    }
  });

  it.each(corpus.kernels())('$package cut short', ({ path }) => {
    const file = readFileSync(path);
    const { sections, certificateTable } = parsePe(file);
    const lengths = [64, 248, 0x1000, ...sections.flatMap(({ raw }) => [raw.start, raw.end - 1])];
    for (const length of [...lengths, certificateTable?.start ?? 0, file.length - 1]) {
      expect(catchRefusal(() => parsePe(file.subarray(0, length)))?.errno, `${length} bytes`).toBe('ELIBBAD');
    }
  });
});

describe('parsePe returns a value or refuses', () => {
  it('with any bit of the headers flipped', () => {
    const outcomes = new Set<string>();
    for (const file of flipEachBit(FILE, SECOND_SECTION + 40)) {
      outcomes.add(catchRefusal(() => parsePe(file))?.check ?? 'value');
    }
    expect([...outcomes].sort()).toEqual([
      'pe-certificates',
      'pe-directory',
      'pe-header',
      'pe-section',
      'value',
    ]);
  });

  it("with any bit of a real kernel's headers flipped", () => {
    const file = readFileSync(corpus.cloudKernel());
    const outcomes = new Set<string>();
    for (const changed of flipEachBit(file, 328)) {
      outcomes.add(catchRefusal(() => parsePe(changed))?.check ?? 'value');
    }
    expect(outcomes).toContain('value');
    expect(outcomes).toContain('pe-section');
  });

  it('with numbers at their limits anywhere in the headers', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.nat({ max: SECOND_SECTION + 36 }),
            fc.constantFrom(0, 1, 0x40, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff, FILE.length),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        (changes) => {
          const file = changes.reduce(
            (changed, [offset, value]) => changeNumber(changed, offset, value),
            FILE,
          );
          expect(catchRefusal(() => parsePe(file))?.errno ?? 'ELIBBAD').toBe('ELIBBAD');
        },
      ),
    );
  });

  it('with the most sections, whose long names are all the same text', () => {
    const sections = Array.from({ length: 0xffff }, () => ({ name: '/4', bytes: new Uint8Array() }));
    const name = 'x'.repeat(255);
    expect(parsePe(buildPe({ sections, strings: `${name}\0` })).sections.at(-1)?.name).toBe(name);
    const endless = buildPe({ sections, strings: 'x'.repeat(1_000_000) });
    expect(catchRefusal(() => parsePe(endless))?.check).toBe('pe-section');
  });
});
