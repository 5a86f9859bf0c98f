import { describe, expect, it } from 'vitest';
import { ERRNO, ERRNO_TEXT, type Errno, parseErrno } from '../../src/base/errno.js';

const names = Object.keys(ERRNO) as Errno[];

describe('an errno', () => {
  it.each(names)('%s is found by its name, its number and its text', (name) => {
    for (const text of [name, name.toLowerCase(), String(ERRNO[name]), `-${ERRNO[name]}`, ERRNO_TEXT[name]]) {
      expect(parseErrno(text), text).toBe(name);
    }
  });

  it.each(['', '0', 'E', '--22', '22x', 'argument'])('is not "%s"', (text) => {
    expect(parseErrno(text)).toBeUndefined();
  });
});
