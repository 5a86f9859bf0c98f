import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { BoundedBytes } from '../../base/bytes.js';
import { hex, minimum } from '../../base/u64.js';
import { ELF_HEADER_SIZE, ET_CORE, PN_XNUM, PROGRAM_HEADER_SIZE, SECTION_HEADER_SIZE } from './format.js';
import { checkElfHeader } from './header.js';
import { type ProgramHeader, readProgramHeader } from './program-headers.js';

/** The limit of each read of headers or notes: 64 MiB. */
const LIMIT: ReadLimit = { what: 'ELF core', check: 'elf-core', errno: 'EINVAL', limit: 1 << 26 };

/**
 * Reads the program headers of an ELF core of any size. Numbers of 65535 or more are in the first section header
 * (`PN_XNUM`; ELF-64 object file format with the extension of elf(5)).
 *
 * @throws KexecError `EINVAL`, check `elf-core`, if it is no AArch64 core, has no program headers, or they leave it.
 */
export function readCoreHeaders(source: ByteSource): ProgramHeader[] {
  const header = new BoundedBytes(
    source.read(0n, Number(minimum(source.size, BigInt(ELF_HEADER_SIZE)))),
    LIMIT,
  );
  checkElfHeader(header, ET_CORE);
  const entrySize = header.u16le(54);
  if (entrySize !== PROGRAM_HEADER_SIZE)
    header.fail(`e_phentsize is ${entrySize}, not ${PROGRAM_HEADER_SIZE}`, 54);
  const count = readProgramHeaderCount(source, header);
  if (count === 0) header.fail('it has no program headers', 56);
  const size = BigInt(count) * BigInt(PROGRAM_HEADER_SIZE);
  const table = readRange(source, header.u64le(32), size, 'the program header table', LIMIT);
  const bytes = new BoundedBytes(table, LIMIT);
  return Array.from({ length: count }, (_, index) => readProgramHeader(bytes, index * PROGRAM_HEADER_SIZE));
}

function readProgramHeaderCount(source: ByteSource, header: BoundedBytes): number {
  const count = header.u16le(56);
  if (count !== PN_XNUM) return count;
  const at = header.u64le(40);
  if (at === 0n) header.fail('e_phnum is PN_XNUM, but there are no section headers', 40);
  const section = readRange(source, at, BigInt(SECTION_HEADER_SIZE), 'the first section header', LIMIT);
  return new BoundedBytes(section, LIMIT).u32le(44); // sh_info
}

/**
 * Reads the bytes of a PT_NOTE from a core file.
 *
 * @throws KexecError `EINVAL`, check `elf-core`, if they leave the file or have more than 64 MiB.
 */
export function readCoreNotes(source: ByteSource, { offset, fileSize }: ProgramHeader): Uint8Array {
  return readRange(source, offset, fileSize, `the notes at ${hex(offset)}`, LIMIT);
}
