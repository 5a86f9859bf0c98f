import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { findCrashKernelRanges, findSystemRam, findTakenRam, parseIomem } from '../../src/formats/iomem.js';

const NESTED = `09000000-09000fff : pl011@9000000
  09000000-09000fff : 9000000.pl011 pl011@9000000
40000000-7fffffff : System RAM
  40200000-41beffff : Kernel code
  41bf0000-4220ffff : reserved
  42210000-427bffff : Kernel data
  60000000-6fffffff : Crash kernel
80000000-bfffffff : reserved
100000000-13fffffff : System RAM
`;

describe('parseIomem', () => {
  it('nests the lines that the kernel indents', () => {
    const resources = parseIomem(NESTED);
    expect(resources.map(({ name }) => name)).toEqual([
      'pl011@9000000',
      'System RAM',
      'reserved',
      'System RAM',
    ]);
    expect(findSystemRam(resources)).toEqual([
      { start: 0x4000_0000n, end: 0x8000_0000n },
      { start: 0x1_0000_0000n, end: 0x1_4000_0000n },
    ]);
    expect(findTakenRam(resources)).toHaveLength(4);
    expect(findCrashKernelRanges(resources)).toEqual([{ start: 0x6000_0000n, end: 0x7000_0000n }]);
  });

  it('nests lines without indentation that lie within the range above them', () => {
    const flat = NESTED.replaceAll('\n  ', '\n');
    expect(parseIomem(flat).map(({ name, range }) => ({ name, range }))).toEqual(
      parseIomem(NESTED).map(({ name, range }) => ({ name, range })),
    );
    expect(findTakenRam(parseIomem(flat))).toEqual(findTakenRam(parseIomem(NESTED)));
  });

  it.each([
    ['a line of another form', 'hello', /"hello", is not of the form/],
    ['an overlap', '0-fff : a\n800-17ff : b', /line 2, "800-17ff : b", overlaps "a"/],
    ['an indented line outside its parent', '0-fff : a\n  2000-2fff : b', /lies in no range above it/],
    ['an end before the start', 'fff-0 : a', /the range from 0xfff to 0x1 ends before it starts/],
    [
      'addresses hidden from a reader without privilege',
      '00000000-00000000 : System RAM\n',
      /without CAP_SYS_ADMIN/,
    ],
    ['17 levels', Array.from({ length: 17 }, () => '0-fff : a').join('\n'), /nested more than 16 deep/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseIomem(text)).toThrow(message);
    expect(() => parseIomem(text)).toThrow(KexecError);
  });

  it('reads or refuses any text, and throws no other error', () => {
    const line = fc.oneof(fc.string(), fc.stringMatching(/^ {0,4}[0-9a-f]{1,17}-[0-9a-f]{1,17} : [a-z]*$/));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseIomem(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(KexecError);
        }
      }),
    );
  });
});
