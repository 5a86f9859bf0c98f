import { findFirstIndex } from '../../base/bisect.js';
import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import { hex, maximum, minimum, U64_LIMIT } from '../../base/u64.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import type { DumpedRange, DumpMemory } from './dump-memory.js';

/** Physical memory that one PT_LOAD gives: no two have a byte in common. */
interface Extent {
  readonly start: bigint;
  readonly end: bigint;
  /** Where `start` is in the file. */
  readonly offset: bigint;
  /** From here on it is not in the file but zero: where `p_filesz` ends. */
  readonly zeroFrom: bigint;
}

/**
 * The physical memory of an ELF vmcore. The kernel's text is in two PT_LOADs; bytes come from the first that has them.
 * What a PT_LOAD has beyond its `p_filesz` is zero, as in any ELF file (makedumpfile -E leaves out what may be).
 */
export class ElfMemory implements DumpMemory {
  readonly #source: ByteSource;
  readonly #extents: readonly Extent[];

  /** @param loads - PT_LOADs of the file that `source` reads; what of them leaves 64 bits is passed by. */
  constructor(source: ByteSource, loads: readonly ProgramHeader[]) {
    this.#source = source;
    this.#extents = disjoint(loads);
  }

  ranges(): DumpedRange[] {
    return this.#extents.map(({ start, end, offset, zeroFrom }) => {
      const inFile = minimum(zeroFrom - start, maximum(this.#source.size - offset, 0n));
      return { start, end, present: maximum(inFile, 0n) };
    });
  }

  read(address: bigint, length: number): Uint8Array {
    const end = address + BigInt(length);
    const first = this.#extentAt(address);
    if (first !== undefined && end <= minimum(first.end, first.zeroFrom))
      return this.#inFile(first, address, length);
    const bytes = new Uint8Array(length);
    for (let at = address; at < end; ) {
      const extent = this.#extentAt(at);
      if (extent === undefined) refuse('dump-memory', 'EFAULT', `physical address ${hex(at)} was not dumped`);
      const stop = minimum(end, extent.end);
      if (at < extent.zeroFrom) {
        const count = Number(minimum(stop, extent.zeroFrom) - at);
        bytes.set(this.#inFile(extent, at, count), Number(at - address));
      }
      at = stop;
    }
    return bytes;
  }

  readInto(address: bigint, into: Uint8Array): void {
    const extent = this.#extentAt(address);
    const end = address + BigInt(into.length);
    if (
      extent === undefined ||
      end > minimum(extent.end, extent.zeroFrom) ||
      this.#source.readInto === undefined
    )
      into.set(this.read(address, into.length));
    else this.#source.readInto(this.#offsetOf(extent, address, into.length), into);
  }

  #inFile(extent: Extent, address: bigint, length: number): Uint8Array {
    return this.#source.read(this.#offsetOf(extent, address, length), length);
  }

  #offsetOf(extent: Extent, address: bigint, length: number): bigint {
    const offset = extent.offset + (address - extent.start);
    if (offset + BigInt(length) > this.#source.size) {
      const seen = `physical address ${hex(address)} would be at ${hex(offset)} of the file, which ends at ${hex(this.#source.size)}`;
      refuse('dump-memory', 'ENODATA', seen);
    }
    return offset;
  }

  #extentAt(address: bigint): Extent | undefined {
    const index = findFirstIndex(this.#extents.length, (at) => (this.#extents[at] as Extent).end > address);
    const found = this.#extents[index];
    return found !== undefined && found.start <= address ? found : undefined;
  }
}

function disjoint(loads: readonly ProgramHeader[]): Extent[] {
  const sorted = loads
    .filter(({ physicalAddress, memorySize }) => physicalAddress + memorySize <= U64_LIMIT)
    .sort((a, b) =>
      a.physicalAddress < b.physicalAddress ? -1 : a.physicalAddress > b.physicalAddress ? 1 : 0,
    );
  const extents: Extent[] = [];
  let covered = 0n;
  for (const { physicalAddress, memorySize, fileSize, offset } of sorted) {
    const end = physicalAddress + memorySize;
    const start = maximum(physicalAddress, covered);
    if (start >= end) continue;
    const zeroFrom = physicalAddress + minimum(fileSize, memorySize);
    extents.push({ start, end, offset: offset + (start - physicalAddress), zeroFrom });
    covered = end;
  }
  return extents;
}
