import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DigestedSection,
  type DigestLayout,
  digestAuthenticode,
} from '../../../src/trust/pe/authenticode.js';
import { catchRefusal } from '../../support/hostile.js';

/** What is fed to the digest, as one. */
function digested(file: Uint8Array, layout: DigestLayout): Uint8Array {
  const parts: Uint8Array[] = [];
  digestAuthenticode(file, layout, {
    update: (bytes) => {
      parts.push(bytes);
    },
    digest: () => new Uint8Array(0),
  });
  return Buffer.concat(parts);
}

const section = (rawOffset: number, rawSize: number, others: Partial<DigestedSection> = {}) => ({
  name: '.text',
  virtualSize: rawSize,
  virtualAddress: 0x1000,
  rawOffset,
  rawSize,
  ...others,
});

/** Headers of 32 bytes: CheckSum at 4, the certificate table's directory at 16. */
const HEADERS = { checkSumOffset: 4, certificateEntryOffset: 16, headerSize: 32, certificatesSize: 8 };

/** A file of which every byte is another, as long as it has no more than 256. */
const file = (length: number) => Uint8Array.from({ length }, (_, at) => at);
const range = (start: number, end: number) => Array.from({ length: end - start }, (_, at) => start + at);
const DIGESTED_HEADERS = [...range(0, 4), ...range(8, 16), ...range(24, 32)];

describe('digestAuthenticode()', () => {
  it('omits CheckSum, the data directory of the certificate table, and the table at the end', () => {
    expect([...digested(file(64), { ...HEADERS, sections: [section(32, 16)] })]).toEqual([
      ...DIGESTED_HEADERS,
      ...range(32, 48),
      ...range(48, 56),
    ]);
  });

  it('covers sections in the order of their bytes, not of their headers', () => {
    const sections = [section(48, 8), section(40, 8), section(0, 0), section(32, 8)];
    expect([...digested(file(64), { ...HEADERS, sections })]).toEqual([
      ...DIGESTED_HEADERS,
      ...range(32, 56),
    ]);
  });

  it('orders sections with the same start by address, name and size, and covers shared bytes twice', () => {
    const sections = [
      section(32, 3, { virtualAddress: 2 }),
      section(32, 2, { virtualAddress: 1, name: '.b' }),
      section(32, 1, { virtualAddress: 1, name: '.a' }),
    ];
    const bytes = [...digested(file(64), { ...HEADERS, sections })].slice(DIGESTED_HEADERS.length);
    expect(bytes).toEqual([32, 32, 33, 32, 33, 34, ...range(38, 56)]);
  });

  it('begins the rest where headers and sections would end without gaps, as the kernel does', () => {
    const bytes = [...digested(file(64), { ...HEADERS, sections: [section(40, 8)] })];
    expect(bytes).toEqual([...DIGESTED_HEADERS, ...range(40, 48), ...range(40, 56)]);
  });

  it('covers nothing after sections that fill the file', () => {
    const sections = [section(32, 32)];
    expect([...digested(file(64), { ...HEADERS, sections })]).toEqual([
      ...DIGESTED_HEADERS,
      ...range(32, 64),
    ]);
  });

  it.each<[string, Partial<DigestLayout>]>([
    ['a file without sections', { sections: [] }],
    ['headers that leave the file', { headerSize: 65 }],
    ['headers that end within the directory', { headerSize: 23 }],
    ['a section that leaves the file', { sections: [section(60, 5)] }],
    ['a section of 4 GiB', { sections: [section(32, 0xffff_ffff)] }],
    ['a table for which sections leave no room', { sections: [section(32, 25)] }],
    ['a table of 4 GiB', { certificatesSize: 0xffff_ffff }],
    ['a file that would be digested over and over', { sections: Array(17).fill(section(32, 32)) }],
  ])('refuses %s', (_, change) => {
    const layout = { ...HEADERS, sections: [section(32, 16)], ...change };
    expect(catchRefusal(() => digested(file(64), layout))).toMatchObject({
      check: 'pe-contents',
      errno: 'ELIBBAD',
    });
  });

  it('never leaves the file, and covers at most eight times its size', () => {
    const offset = fc.oneof(fc.nat({ max: 80 }), fc.constantFrom(0x7fff_ffff, 0xffff_fff8, 0xffff_ffff));
    const layouts = fc.record({
      checkSumOffset: fc.constant(4),
      certificateEntryOffset: fc.constant(16),
      headerSize: offset,
      certificatesSize: offset,
      sections: fc.array(
        fc.tuple(offset, offset).map(([at, size]) => section(at, size)),
        { maxLength: 40 },
      ),
    });
    fc.assert(
      fc.property(layouts, (layout) => {
        let length = 0;
        const refusal = catchRefusal(() => {
          length = digested(file(64), layout).length;
        });
        expect(refusal?.errno ?? 'ELIBBAD').toBe('ELIBBAD');
        expect(length).toBeLessThanOrEqual(64 * 10);
      }),
    );
  });
});
