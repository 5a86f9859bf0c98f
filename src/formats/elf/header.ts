import type { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';
import { ELF_HEADER_SIZE, ELFCLASS64, ELFDATA2LSB, EM_AARCH64, EV_CURRENT } from './format.js';

/**
 * Checks that an ELF header belongs to a 64-bit little-endian file of a type (ET_…).
 *
 * @param machine - `e_machine`
 * @throws KexecError, with the check and errno of `header`, that names the first field with another value.
 */
export function checkElfHeader(header: BoundedBytes, type: number, machine: number = EM_AARCH64): void {
  const firstWord = header.u32le(0);
  if (!hasMagic(header.bytes, 'elf')) header.fail(`its first word is ${hex(firstWord)}, not "\\x7fELF"`, 0);
  expectField(header, 'EI_CLASS', header.u8(4), ELFCLASS64, 4);
  expectField(header, 'EI_DATA', header.u8(5), ELFDATA2LSB, 5);
  expectField(header, 'EI_VERSION', header.u8(6), EV_CURRENT, 6);
  expectField(header, 'e_type', header.u16le(16), type, 16);
  expectField(header, 'e_machine', header.u16le(18), machine, 18);
  expectField(header, 'e_version', header.u32le(20), EV_CURRENT, 20);
  expectField(header, 'e_ehsize', header.u16le(52), ELF_HEADER_SIZE, 52);
}

/** Checks a field of a header. @throws KexecError, with the check and errno of `header`, if it has another value. */
export function expectField(
  header: BoundedBytes,
  name: string,
  value: number,
  expected: number,
  offset: number,
): void {
  if (value !== expected) header.fail(`${name} is ${value}, not ${expected}`, offset);
}
