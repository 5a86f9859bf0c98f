import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readRequiredUefiProperties } from '../../src/kernel-file/required-uefi-properties.js';
import { UEFI_PROPERTIES } from '../../src/machine/uefi-properties.js';
import { corpus } from '../support/corpus.js';
import { buildImage } from '../support/image.js';
import { MAINLINE_KERNEL } from '../support/uefi.js';

it.each(corpus.kernels())('$name asks for each property, that of Secure Boot included', ({ path }) => {
  const image = readFileSync(path);
  expect(readRequiredUefiProperties(image)).toEqual(UEFI_PROPERTIES);
  // The names stand in a table, 26 bytes each: these are what the kernel compares with.
  const table = UEFI_PROPERTIES.map((name) => name.padEnd(26, '\0')).join('');
  expect(image.includes(table)).toBe(true);
});

it('a kernel without the name asks for the others; one without an EFI stub, for none', () => {
  expect(readRequiredUefiProperties(MAINLINE_KERNEL)).toEqual(UEFI_PROPERTIES.slice(0, -1));
  expect(readRequiredUefiProperties(buildImage())).toEqual([]);
  expect(() => readRequiredUefiProperties(new Uint8Array(64))).toThrow(/magic number/);
});
