import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import type { Range } from '../../base/range.js';
import { hex, maximum, minimum } from '../../base/u64.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import type { DumpedRange, DumpMemory } from './dump-memory.js';
import { type Extent, Extents } from './extents.js';

/**
 * The physical memory of an ELF vmcore. Two PT_LOADs contain the kernel's text; bytes are read from the first that has
 * them. Memory beyond the `p_filesz` of a PT_LOAD is zero, as in any ELF file; makedumpfile -E uses that to leave out
 * pages.
 */
export class ElfMemory implements DumpMemory {
  readonly #source: ByteSource;
  readonly #extents: Extents;

  /** @param loads - PT_LOADs of the file that `source` reads; those that exceed 64 bits are ignored */
  constructor(source: ByteSource, loads: readonly ProgramHeader[]) {
    this.#source = source;
    this.#extents = new Extents(loads, 'physicalAddress');
  }

  ranges(): DumpedRange[] {
    return this.#extents.all.map(({ start, end, offset, zeroFrom }) => {
      const inFile = minimum(zeroFrom - start, maximum(this.#source.size - offset, 0n));
      return { start, end, present: maximum(inFile, 0n) };
    });
  }

  *presentRuns(): Generator<Range> {
    for (const { start, present } of this.ranges()) if (present > 0n) yield { start, end: start + present };
  }

  read(address: bigint, length: number): Uint8Array {
    const end = address + BigInt(length);
    const first = this.#extents.find(address);
    if (first !== undefined && end <= minimum(first.end, first.zeroFrom))
      return this.#readFile(first, address, length);
    const bytes = new Uint8Array(length);
    for (let at = address; at < end; ) {
      const extent = this.#extents.find(at);
      if (extent === undefined) refuse('dump-memory', 'EFAULT', `physical address ${hex(at)} was not dumped`);
      const stop = minimum(end, extent.end);
      if (at < extent.zeroFrom) {
        const count = Number(minimum(stop, extent.zeroFrom) - at);
        bytes.set(this.#readFile(extent, at, count), Number(at - address));
      }
      at = stop;
    }
    return bytes;
  }

  readInto(address: bigint, into: Uint8Array): void {
    const extent = this.#extents.find(address);
    const end = address + BigInt(into.length);
    const isInFile = extent !== undefined && end <= minimum(extent.end, extent.zeroFrom);
    if (isInFile && this.#source.readInto !== undefined)
      this.#source.readInto(this.#findOffset(extent, address, into.length), into);
    else into.set(this.read(address, into.length));
  }

  #readFile(extent: Extent, address: bigint, length: number): Uint8Array {
    return this.#source.read(this.#findOffset(extent, address, length), length);
  }

  /** The offset in the file. @throws KexecError `ENODATA`, check `dump-memory`, if the bytes are beyond its end. */
  #findOffset(extent: Extent, address: bigint, length: number): bigint {
    const offset = extent.offset + (address - extent.start);
    if (offset + BigInt(length) > this.#source.size) {
      const seen = `physical address ${hex(address)} is at offset ${hex(offset)} of the file, which ends at ${hex(this.#source.size)}`;
      refuse('dump-memory', 'ENODATA', seen);
    }
    return offset;
  }
}
