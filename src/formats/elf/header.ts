import type { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { ELF_HEADER_SIZE, ELFCLASS64, ELFDATA2LSB, EM_AARCH64, EV_CURRENT } from './format.js';

const MAGIC = 0x464c457f;

/**
 * Checks that an ELF header is that of a 64-bit little-endian AArch64 file of a type (ET_…).
 *
 * @throws KexecError, in the name of `header`, with the field that is another.
 */
export function checkElfHeader(header: BoundedBytes, type: number): void {
  const magic = header.u32le(0);
  if (magic !== MAGIC) header.fail(`its first word is ${hex(magic)}, not "\\x7fELF"`, 0);
  expectField(header, 'EI_CLASS', header.u8(4), ELFCLASS64, 4);
  expectField(header, 'EI_DATA', header.u8(5), ELFDATA2LSB, 5);
  expectField(header, 'EI_VERSION', header.u8(6), EV_CURRENT, 6);
  expectField(header, 'e_type', header.u16le(16), type, 16);
  expectField(header, 'e_machine', header.u16le(18), EM_AARCH64, 18);
  expectField(header, 'e_version', header.u32le(20), EV_CURRENT, 20);
  expectField(header, 'e_ehsize', header.u16le(52), ELF_HEADER_SIZE, 52);
}

/** Checks a field of a header. @throws KexecError, in the name of `header`, if it is another than expected. */
export function expectField(
  header: BoundedBytes,
  name: string,
  value: number,
  expected: number,
  offset: number,
): void {
  if (value !== expected) header.fail(`${name} is ${value}, not ${expected}`, offset);
}
