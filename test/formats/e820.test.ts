import { expect, it } from 'vitest';
import { findE820Type, nameE820Type } from '../../src/formats/e820.js';

it.each([
  ['System RAM', 1],
  ['Reserved', 2],
  ['ACPI Tables', 3],
  ['ACPI Non-volatile Storage', 4],
  ['Unusable memory', 5],
  ['Persistent Memory', 7],
  ['Persistent Memory (legacy)', 12],
  ['Soft Reserved', 0xefffffff],
])('%s is %i', (name, type) => {
  expect(findE820Type(name)).toBe(type);
  expect(nameE820Type(type)).toBe(name);
});

it('knows no other', () => {
  expect(findE820Type('System ROM')).toBeUndefined();
  expect(nameE820Type(99)).toBe('Unknown E820 type');
});
