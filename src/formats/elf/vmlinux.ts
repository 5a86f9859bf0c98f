import { BoundedBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { IMAGE_HEADER_SIZE, parseImageHeader } from '../arm64-image.js';
import { nameElf } from '../foreign/foreign-kernels.js';
import { hasMagic } from '../magics.js';
import {
  ELF_HEADER_SIZE,
  ELFCLASS64,
  ELFDATA2LSB,
  EM_AARCH64,
  ET_DYN,
  ET_EXEC,
  PROGRAM_HEADER_SIZE,
  PT_LOAD,
} from './format.js';

const ELFDATA2MSB = 2;

/** A PT_LOAD with bytes in the file. */
interface LoadedRange {
  /** The physical address of its first byte. */
  readonly start: bigint;
  readonly virtualAddress: bigint;
  /** Shared with the file. */
  readonly bytes: Uint8Array;
}

/** Whether a file claims, by its magic and type, to be an ELF executable. Cores and objects do not. */
export function isExecutable(bytes: Uint8Array): boolean {
  const type = bytes[bytes[5] === ELFDATA2MSB ? 17 : 16];
  return hasMagic(bytes, 'elf') && (type === ET_EXEC || type === ET_DYN);
}

/**
 * Extracts the Image from a vmlinux, as `objcopy -O binary` does: the bytes that its PT_LOADs put into memory from the
 * entry on, where the header of the Image is. Memory without bytes in the file (.bss) is left out at the end and zero
 * in between.
 *
 * @param limit - the most bytes that the Image may have
 * @throws KexecError `ENOEXEC`, check `vmlinux`; `EFBIG`, check `unwrapped-size`; or as {@link parseImageHeader}.
 */
export function extractVmlinuxImage(file: Uint8Array, limit: number): Uint8Array {
  const elf = new VmlinuxReader(file);
  const ranges = elf.readLoadedRanges();
  const { start, end } = findImage(elf, ranges);
  if (end - start > BigInt(limit)) {
    new BoundedBytes(file, { what: 'vmlinux', check: 'unwrapped-size', errno: 'EFBIG' }).fail(
      `its PT_LOADs have ${formatBytes(end - start)}`,
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

/** Finds the physical addresses of the Image: from the entry up to the end of the last PT_LOAD. */
function findImage(elf: VmlinuxReader, ranges: readonly LoadedRange[]): { start: bigint; end: bigint } {
  const { entry } = elf;
  const first = ranges.find(
    ({ virtualAddress, bytes }) => entry >= virtualAddress && entry < virtualAddress + BigInt(bytes.length),
  );
  if (first === undefined) return elf.bytes.fail(`the entry ${hex(entry)} is in no PT_LOAD`, 24);
  const start = first.start + (entry - first.virtualAddress);

  let end = start;
  for (const range of ranges) {
    const rangeEnd = range.start + BigInt(range.bytes.length);
    if (range.start < start && range !== first) {
      elf.bytes.fail(`a PT_LOAD at ${hex(range.start)} is below the entry at ${hex(start)}`);
    }
    if (range.start < end && range !== first && range.bytes.length > 0) {
      elf.bytes.fail(`PT_LOADs overlap at ${hex(range.start)}`);
    }
    if (rangeEnd > end) end = rangeEnd;
  }
  return { start, end };
}

/** Reads the headers of a vmlinux, which has the byte order of its kernel. */
class VmlinuxReader {
  readonly bytes: BoundedBytes;
  /** A virtual address. */
  readonly entry: bigint;
  readonly #isLittleEndian: boolean;

  /** @throws KexecError `ENOEXEC`, check `vmlinux`, if it is no 64-bit AArch64 executable or its headers leave it. */
  constructor(file: Uint8Array) {
    const bytes = new BoundedBytes(file, { what: 'vmlinux', check: 'vmlinux', errno: 'ENOEXEC' });
    this.bytes = bytes;
    bytes.slice(0, ELF_HEADER_SIZE, 'the ELF header');
    if (!hasMagic(file, 'elf')) bytes.fail('it has no ELF magic', 0);
    const order = bytes.u8(5);
    if (bytes.u8(4) !== ELFCLASS64 || (order !== ELFDATA2LSB && order !== ELFDATA2MSB)) {
      bytes.fail('it is not a 64-bit ELF file', 4);
    }
    this.#isLittleEndian = order === ELFDATA2LSB;

    const type = this.#u16(16);
    if (type !== ET_EXEC && type !== ET_DYN)
      bytes.fail(`it is an ELF file of type ${type}, no executable`, 16);
    const machine = this.#u16(18);
    if (machine !== EM_AARCH64) {
      const named = nameElf(file);
      const seen = `vmlinux: it is ${named?.name ?? 'an ELF file'}, not for AArch64`;
      refuse('vmlinux', 'ENOEXEC', seen, { offset: 18, cure: named?.cure });
    }
    const entrySize = this.#u16(54);
    if (entrySize !== PROGRAM_HEADER_SIZE) bytes.fail(`its program headers have ${entrySize} bytes`, 54);
    bytes.slice(this.#u64(32), this.#u16(56) * PROGRAM_HEADER_SIZE, 'the program header table');
    this.entry = this.#u64(24);
  }

  /** Returns the PT_LOADs with bytes in the file, by physical address. @throws KexecError if one leaves the file. */
  readLoadedRanges(): LoadedRange[] {
    const table = Number(this.#u64(32));
    const count = this.#u16(56);
    const ranges: LoadedRange[] = [];
    for (let index = 0; index < count; index += 1) {
      const header = table + index * PROGRAM_HEADER_SIZE;
      const size = this.#u64(header + 32);
      if (this.#u32(header) !== PT_LOAD || size === 0n) continue;
      ranges.push({
        start: this.#u64(header + 24),
        virtualAddress: this.#u64(header + 16),
        bytes: this.bytes.slice(this.#u64(header + 8), size, 'a PT_LOAD'),
      });
    }
    return ranges.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  }

  #u16(at: number): number {
    const { bytes } = this;
    return this.#isLittleEndian ? bytes.u16le(at) : bytes.u8(at) * 256 + bytes.u8(at + 1);
  }

  #u32(at: number): number {
    return this.#isLittleEndian ? this.bytes.u32le(at) : this.bytes.u32be(at);
  }

  #u64(at: number): bigint {
    return this.#isLittleEndian ? this.bytes.u64le(at) : this.bytes.u64be(at);
  }
}
