import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAssignments } from '../../src/formats/shell-assignments.js';

describe('assignments of a shell', () => {
  it.each([
    ['A=1', '1'],
    ['  export A=1 ', '1'],
    ['A="a b"  # comment', 'a b'],
    ["A='a\"b # c'", 'a"b # c'],
    ['A=a#b', 'a#b'],
    ['A=a\\ b', 'a b'],
    ['A="a \\"b\\" \\$c"', 'a "b" $c'],
    ['A=a"b"\'c\'d', 'abcd'],
    ['A="not closed', 'not closed'],
    ['A=', ''],
    ['A=1\nA=2', '2'],
  ])('%s', (text, value) => {
    expect(parseAssignments(text)).toEqual(new Map([['A', value]]));
  });

  it('leaves out comments and what is no assignment', () => {
    expect(parseAssignments('#A=1\nA = 1\necho\n1A=2\n. /etc/other\n')).toEqual(new Map());
  });

  it('takes back what is quoted', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^'\n\r]*$/), (text) => {
        expect(parseAssignments(`A='${text}'`).get('A')).toBe(text.trimEnd());
      }),
    );
  });
});
