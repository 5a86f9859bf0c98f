import type { BoundedBytes } from '../../base/bytes.js';
import {
  ELF_HEADER_SIZE,
  ELFCLASS64,
  ELFDATA2LSB,
  EM_AARCH64,
  EV_CURRENT,
  PN_XNUM,
  PROGRAM_HEADER_SIZE,
} from './format.js';

/** A program header, its fields those of `Elf64_Phdr`; sizes and offsets in bytes. */
export interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  /** In bytes from the start of the file. */
  readonly offset: bigint;
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  readonly fileSize: bigint;
  readonly memorySize: bigint;
  /** 0 and 1 both mean none. */
  readonly alignment: bigint;
}

/** The headers of an ELF file without sections. */
export interface ElfHeaders {
  /** ET_…, as a number. */
  readonly type: number;
  /** `e_machine`. Default: AArch64. */
  readonly machine?: number;
  /** The address where the CPU starts; 0 if there is none. */
  readonly entry: bigint;
  /** Fewer than 65535. */
  readonly programHeaders: readonly ProgramHeader[];
}

/** The size in bytes of the ELF header and a number of program headers. */
export function headersSize(programHeaders: number): number {
  return ELF_HEADER_SIZE + programHeaders * PROGRAM_HEADER_SIZE;
}

/**
 * Encodes the ELF header and the program headers of a 64-bit little-endian file, without a gap between them.
 *
 * @param size - the number of bytes to return; those after the headers are zero
 */
export function writeHeaders(
  { type, machine = EM_AARCH64, entry, programHeaders }: ElfHeaders,
  size: number,
): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, ELFCLASS64, ELFDATA2LSB, EV_CURRENT]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, EV_CURRENT, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, BigInt(ELF_HEADER_SIZE), true); // e_phoff
  view.setUint16(52, ELF_HEADER_SIZE, true);
  view.setUint16(54, PROGRAM_HEADER_SIZE, true);
  view.setUint16(56, programHeaders.length, true);

  for (const [index, header] of programHeaders.entries()) {
    const at = headersSize(index);
    view.setUint32(at, header.type, true);
    view.setUint32(at + 4, header.flags, true);
    view.setBigUint64(at + 8, header.offset, true);
    view.setBigUint64(at + 16, header.virtualAddress, true);
    view.setBigUint64(at + 24, header.physicalAddress, true);
    view.setBigUint64(at + 32, header.fileSize, true);
    view.setBigUint64(at + 40, header.memorySize, true);
    view.setBigUint64(at + 48, header.alignment, true);
  }
  return bytes;
}

/**
 * Reads the program headers of a file whose ELF header was checked.
 *
 * @throws KexecError, with the check and errno of `file`, if there are none, more than 65534, or they leave the file.
 */
export function readProgramHeaders(file: BoundedBytes): ProgramHeader[] {
  const start = file.u64le(32);
  const entrySize = file.u16le(54);
  const count = file.u16le(56);
  if (entrySize !== PROGRAM_HEADER_SIZE)
    file.fail(`e_phentsize is ${entrySize}, not ${PROGRAM_HEADER_SIZE}`, 54);
  if (count === 0) file.fail('it has no program headers', 56);
  if (count === PN_XNUM) file.fail('e_phnum is PN_XNUM: there are 65535 program headers or more', 56);
  file.slice(start, count * PROGRAM_HEADER_SIZE, 'the program header table');
  return Array.from({ length: count }, (_, index) =>
    readProgramHeader(file, Number(start) + index * PROGRAM_HEADER_SIZE),
  );
}

/** Reads the program header at an offset. @throws KexecError, with the check and errno of `file`, if it leaves it. */
export function readProgramHeader(file: BoundedBytes, at: number): ProgramHeader {
  return {
    type: file.u32le(at),
    flags: file.u32le(at + 4),
    offset: file.u64le(at + 8),
    virtualAddress: file.u64le(at + 16),
    physicalAddress: file.u64le(at + 24),
    fileSize: file.u64le(at + 32),
    memorySize: file.u64le(at + 40),
    alignment: file.u64le(at + 48),
  };
}
