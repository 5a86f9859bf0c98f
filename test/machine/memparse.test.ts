import { expect, it } from 'vitest';
import { memparse } from '../../src/machine/memparse.js';

it.each([
  ['512M', 512n << 20n],
  ['512m,high', 512n << 20n],
  ['0x20000000', 0x2000_0000n],
  ['0x1g', 1n << 30n],
  ['010K', 8n << 10n],
  ['1T', 1n << 40n],
  ['1P', 1n << 50n],
  ['1E', 1n << 60n],
  ['16E', 0n],
  ['0', 0n],
  ['09', 0n],
  ['nopentium', 0n],
  ['', 0n],
])('reads %s as the kernel does', (text, expected) => {
  expect(memparse(text)).toBe(expected);
});
