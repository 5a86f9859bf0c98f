import type { Range } from '../base/range.js';
import type { TriedHole } from '../base/trail.js';
import { hex } from '../base/u64.js';
import { findLargest, hasRoom, type SearchedMemory, type Shape } from './free-memory.js';
import { type HoleRequest, placeIn, tryRanges } from './placement.js';

/**
 * The scratch areas of KHO, where segments lie if it is on: all other memory may be handed over. Each search tries them in
 * the order of the kernel's array, whatever its direction. Kernel function `kho_walk_scratch()`.
 */
export class ScratchMemory implements SearchedMemory {
  readonly check = 'kho-hole';
  readonly ranges: readonly Range[];

  /** @param areas - in the order of the kernel's array */
  constructor(areas: readonly Range[]) {
    this.ranges = areas;
  }

  get largest(): bigint {
    return findLargest(this.ranges);
  }

  describe(): string {
    return `the largest of ${this.ranges.length} scratch areas has ${hex(this.largest)}`;
  }

  findRoomy(shape: Shape): readonly Range[] {
    return this.ranges.filter((range) => hasRoom(range, shape));
  }

  findStart(taken: readonly Range[], request: HoleRequest): bigint | undefined {
    for (const range of this.ranges) {
      const found = placeIn(range, taken, request);
      if (typeof found === 'bigint') return found;
    }
    return undefined;
  }

  explain(taken: readonly Range[], request: HoleRequest): readonly TriedHole[] {
    return tryRanges(this.ranges, taken, request).tried;
  }
}
