import { findFirstIndex } from '../../base/bisect.js';
import { maximum, minimum, U64_LIMIT } from '../../base/u64.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';

/** A range of addresses that one PT_LOAD has. */
export interface Extent {
  readonly start: bigint;
  readonly end: bigint;
  /** The offset of `start` in the file. */
  readonly offset: bigint;
  /** The address from which on memory is zero and not in the file: where `p_filesz` ends. */
  readonly zeroFrom: bigint;
  readonly load: ProgramHeader;
}

/** By which of its addresses a PT_LOAD is found. */
type AddressOf = 'physicalAddress' | 'virtualAddress';

/** The PT_LOADs of a dump, found by an address in logarithmic time. */
export class Extents {
  /** Lowest first; they do not overlap. */
  readonly all: readonly Extent[];

  /** @param loads - those that exceed 64 bits are ignored */
  constructor(loads: readonly ProgramHeader[], address: AddressOf) {
    this.all = cutOverlaps(loads, address);
  }

  /** Finds the extent that contains an address. */
  find(address: bigint): Extent | undefined {
    const { all } = this;
    const found = all[findFirstIndex(all.length, (index) => (all[index] as Extent).end > address)];
    return found !== undefined && found.start <= address ? found : undefined;
  }
}

/** Sorts PT_LOADs by address, and cuts off what an earlier one contains already. */
function cutOverlaps(loads: readonly ProgramHeader[], address: AddressOf): Extent[] {
  const sorted = loads
    .filter((load) => load[address] + load.memorySize <= U64_LIMIT)
    .sort((a, b) => Number(a[address] > b[address]) - Number(a[address] < b[address]));
  const extents: Extent[] = [];
  let covered = 0n;
  for (const load of sorted) {
    const { memorySize, fileSize, offset } = load;
    const first = load[address];
    const end = first + memorySize;
    const start = maximum(first, covered);
    if (start >= end) continue;
    const zeroFrom = first + minimum(fileSize, memorySize);
    extents.push({ start, end, offset: offset + (start - first), zeroFrom, load });
    covered = end;
  }
  return extents;
}
