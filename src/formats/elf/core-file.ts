import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { hex, minimum } from '../../base/u64.js';
import { FLATTENED_SIGNATURE } from '../kdump/flattened-format.js';
import { KDUMP_SIGNATURE } from '../kdump/format.js';
import { hasMagic } from '../magics.js';
import {
  ELF_HEADER_SIZE,
  ELFCLASS64,
  ELFDATA2LSB,
  EM_AARCH64,
  EM_X86_64,
  ET_CORE,
  EV_CURRENT,
  PN_XNUM,
  PROGRAM_HEADER_SIZE,
  SECTION_HEADER_SIZE,
} from './format.js';
import { describeElfMachine, describeElfType } from './header-names.js';
import { type ProgramHeader, readProgramHeader } from './program-headers.js';

/** The most program headers of a core: filtered dumps of large machines have tens of thousands. */
const MAX_PROGRAM_HEADERS = 1 << 18;

/** `e_machine` of the cores that are taken. */
const MACHINES: readonly number[] = [EM_AARCH64, EM_X86_64];

/** The limit of each read of headers. */
const LIMIT: ReadLimit = {
  what: 'ELF core',
  check: 'elf-core',
  errno: 'EINVAL',
  limit: MAX_PROGRAM_HEADERS * PROGRAM_HEADER_SIZE,
};

/**
 * Reads the program headers of an ELF core of any size, from any producer. Numbers of 65535 or more are in the first
 * section header (`PN_XNUM`; ELF-64 object file format with the extension of elf(5)).
 *
 * Fields on which nothing depends are not checked, because readelf, gdb and crash do not check them: QEMU 7.2 writes an
 * `e_ehsize` of 8.
 *
 * @param onRemark - called for each such field whose value is unusual
 * @throws KexecError `EINVAL`, check `elf-core`, if it is another core, has no program headers, or they leave it.
 */
export function readCoreHeaders(
  source: ByteSource,
  onRemark: (remark: string) => void = () => {},
): ProgramHeader[] {
  const header = new BoundedBytes(
    source.read(0n, Number(minimum(source.size, BigInt(ELF_HEADER_SIZE)))),
    LIMIT,
  );
  checkCoreHeader(header);
  for (const remark of listRemarks(header)) onRemark(remark);
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

/** Names a dump of makedumpfile, whose pages are compressed or in pieces. */
function nameMakedumpfile(bytes: Uint8Array): string | undefined {
  const start = decodeLatin1(bytes);
  if (start.startsWith(KDUMP_SIGNATURE)) return 'a compressed dump';
  return start.startsWith(FLATTENED_SIGNATURE) ? 'a flattened dump' : undefined;
}

/** Refuses what is no core of a 64-bit little-endian machine that is taken, and says what it is instead. */
function checkCoreHeader(header: BoundedBytes): void {
  const firstWord = header.u32le(0);
  const condensed = nameMakedumpfile(header.bytes);
  if (condensed !== undefined) {
    refuse('elf-core', 'EINVAL', `the file is ${condensed} of makedumpfile, not an ELF core`, {
      offset: 0,
      cure: 'it has no ELF header that could be wrong: kexec-file vmcore info reads it; check /proc/vmcore, or a copy as ELF (kexec-file vmcore save --format elf)',
    });
  }
  if (!hasMagic(header.bytes, 'elf')) header.fail(`its first word is ${hex(firstWord)}, not "\\x7fELF"`, 0);
  const isLittleEndian = header.u8(5) === ELFDATA2LSB;
  const read16 = (at: number): number =>
    isLittleEndian ? header.u16le(at) : header.u8(at) * 256 + header.u8(at + 1);
  const type = read16(16);
  const machine = read16(18);
  if (type !== ET_CORE) {
    const cure =
      'give the dump (/proc/vmcore or a copy of it); the vmlinux is the second argument of vmcore gdb';
    refuse('elf-core', 'EINVAL', `the file is an ELF ${describeElfType(type)}, not a core`, {
      offset: 16,
      cure,
    });
  }
  if (MACHINES.includes(machine) && isLittleEndian && header.u8(4) === ELFCLASS64) return;
  const width = header.u8(4) === ELFCLASS64 ? '64-bit' : '32-bit';
  const order = isLittleEndian ? 'little-endian' : 'big-endian';
  const seen = `the file is an ELF core of a ${width} ${order} machine: ${describeElfMachine(machine)}`;
  const cure =
    "read it with crash(8) and the vmlinux of that machine's kernel; makedumpfile --dump-dmesg prints its log";
  refuse('elf-core', 'EINVAL', seen, { offset: 18, cure });
}

/** `e_machine` of an ELF file. @returns undefined if it is too short to have one */
export function readElfMachine(source: ByteSource): number | undefined {
  if (source.size < BigInt(ELF_HEADER_SIZE)) return undefined;
  const [low = 0, high = 0] = source.read(18n, 2);
  return low + high * 256;
}

/** Lists unusual values of fields on which nothing depends. */
function listRemarks(header: BoundedBytes): string[] {
  const fields: readonly [name: string, value: number, expected: number][] = [
    ['EI_VERSION', header.u8(6), EV_CURRENT],
    ['e_version', header.u32le(20), EV_CURRENT],
    ['e_ehsize', header.u16le(52), ELF_HEADER_SIZE],
  ];
  return fields
    .filter(([, value, expected]) => value !== expected)
    .map(([name, value, expected]) => {
      const producer = name === 'e_ehsize' && value === 8 ? ', as QEMU writes it' : '';
      return `${name} is ${value}, not ${expected}${producer}; nothing depends on it`;
    });
}

function readProgramHeaderCount(source: ByteSource, header: BoundedBytes): number {
  const count = header.u16le(56);
  if (count !== PN_XNUM) return count;
  const at = header.u64le(40);
  if (at === 0n) header.fail('e_phnum is PN_XNUM, but there are no section headers', 40);
  const section = readRange(source, at, BigInt(SECTION_HEADER_SIZE), 'the first section header', LIMIT);
  return new BoundedBytes(section, LIMIT).u32le(44); // sh_info
}
