import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { IMAGE_HEADER_SIZE, parseImageHeader } from '../arm64-image.js';
import { hasMagic } from '../magics.js';
import { ELF_HEADER_SIZE, ELFCLASS64, ELFDATA2LSB, EM_AARCH64, ET_EXEC } from './format.js';

const ELFDATA2MSB = 2;
/** What a kernel is that can be moved (CONFIG_RELOCATABLE). */
const ET_DYN = 3;
const PROGRAM_HEADER_SIZE = 56;
const PT_LOAD = 1;

interface LoadedRange {
  readonly start: bigint;
  readonly virtualAddress: bigint;
  readonly bytes: Uint8Array;
}

/** Whether a file claims to be an ELF executable, by its magic and type: cores and objects do not. */
export function isExecutable(bytes: Uint8Array): boolean {
  const type = bytes[bytes[5] === ELFDATA2MSB ? 17 : 16];
  return hasMagic(bytes, 'elf') && (type === ET_EXEC || type === ET_DYN);
}

/**
 * The Image that a vmlinux is, as `objcopy -O binary` makes it: what its PT_LOADs put into memory from its entry on, where
 * the Image's header has to be. What a PT_LOAD has of memory alone (.bss) is left out at the end, and zero between.
 *
 * @param limit - the most bytes that an Image may have
 * @throws KexecError `ENOEXEC`, check `vmlinux`; `EFBIG`, check `unwrapped-size`.
 */
export function extractVmlinuxImage(file: Uint8Array, limit: number): Uint8Array {
  const elf = readElf(file);
  const ranges = elf.ranges();
  const home = ranges.find(
    ({ virtualAddress, bytes }) =>
      elf.entry >= virtualAddress && elf.entry < virtualAddress + BigInt(bytes.length),
  );
  if (home === undefined) return elf.bytes.fail(`the entry ${hex(elf.entry)} is in no PT_LOAD`, 24);
  const start = home.start + (elf.entry - home.virtualAddress);

  let end = start;
  for (const range of ranges) {
    const rangeEnd = range.start + BigInt(range.bytes.length);
    if (range.start < start && range !== home) {
      elf.bytes.fail(`a PT_LOAD at ${hex(range.start)}, below the entry at ${hex(start)}`);
    }
    if (range.start < end && range !== home && range.bytes.length > 0) {
      elf.bytes.fail(`PT_LOADs overlap at ${hex(range.start)}`);
    }
    if (rangeEnd > end) end = rangeEnd;
  }
  if (end - start > BigInt(limit)) {
    new BoundedBytes(file, { what: 'vmlinux', check: 'unwrapped-size', errno: 'EFBIG' }).fail(
      `its PT_LOADs are ${hex(end - start)} bytes`,
    );
  }

  const image = new Uint8Array(Number(end - start));
  for (const range of ranges) {
    const skipped = range.start < start ? Number(start - range.start) : 0;
    const offset = range.start < start ? 0 : Number(range.start - start);
    image.set(range.bytes.subarray(skipped), offset);
  }
  if (image.length < IMAGE_HEADER_SIZE) elf.bytes.fail('the entry is too close to the end', 24);
  parseImageHeader(image);
  return image;
}

/** The header, in either byte order, and what of it is needed. */
function readElf(file: Uint8Array) {
  const bytes = new BoundedBytes(file, { what: 'vmlinux', check: 'vmlinux', errno: 'ENOEXEC' });
  bytes.slice(0, ELF_HEADER_SIZE, 'the ELF header');
  if (!hasMagic(file, 'elf')) bytes.fail('no ELF magic', 0);
  const order = bytes.u8(5);
  if (bytes.u8(4) !== ELFCLASS64 || (order !== ELFDATA2LSB && order !== ELFDATA2MSB)) {
    bytes.fail('not a 64-bit ELF file', 4);
  }
  const isLittle = order === ELFDATA2LSB;
  const u16 = (at: number): number => (isLittle ? bytes.u16le(at) : bytes.u8(at) * 256 + bytes.u8(at + 1));
  const u32 = (at: number): number => (isLittle ? bytes.u32le(at) : bytes.u32be(at));
  const u64 = (at: number): bigint => (isLittle ? bytes.u64le(at) : bytes.u64be(at));

  const type = u16(16);
  if (type !== ET_EXEC && type !== ET_DYN) bytes.fail(`an ELF file of type ${type}, no executable`, 16);
  if (u16(18) !== EM_AARCH64) bytes.fail(`an ELF file for machine ${u16(18)}, not AArch64`, 18);
  if (u16(54) !== PROGRAM_HEADER_SIZE) bytes.fail(`program headers of ${u16(54)} bytes`, 54);
  const table = u64(32);
  const count = u16(56);
  bytes.slice(table, count * PROGRAM_HEADER_SIZE, 'the program headers');

  /** PT_LOADs with bytes in the file, by physical address. */
  const ranges = (): LoadedRange[] => {
    const found: LoadedRange[] = [];
    for (let index = 0; index < count; index += 1) {
      const header = Number(table) + index * PROGRAM_HEADER_SIZE;
      const size = u64(header + 32);
      if (u32(header) !== PT_LOAD || size === 0n) continue;
      found.push({
        start: u64(header + 24),
        virtualAddress: u64(header + 16),
        bytes: bytes.slice(u64(header + 8), size, 'a PT_LOAD'),
      });
    }
    return found.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  };
  return { bytes, entry: u64(24), ranges };
}
