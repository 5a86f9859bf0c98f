import { getSystemErrorMap } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ERRNO, ERRNO_TEXT, type Errno } from '../../src/base/errno.js';
import { runProgram } from '../support/programs.js';

const names = Object.keys(ERRNO) as Errno[];

describe('an errno', () => {
  it('has the number and the text of the C library', () => {
    const script = names.map(
      (name) => `printf '%s\\n' "$(LC_ALL=C perl -e '$! = ${ERRNO[name]}; print $!')"`,
    );
    expect(
      runProgram('sh', ['-c', script.join('\n')])
        .toString()
        .trimEnd()
        .split('\n'),
    ).toEqual(names.map((name) => ERRNO_TEXT[name]));
    const numbers = new Map([...getSystemErrorMap()].map(([number, [name]]) => [name, -number]));
    for (const name of names) if (numbers.has(name)) expect(numbers.get(name), name).toBe(ERRNO[name]);
  });
});
