import { intersectEach, type Range } from '../../base/range.js';
import type { DumpMemory } from './dump-memory.js';

/**
 * Restricts what a memory lists as its ranges. The rest can still be read: page tables may be there.
 *
 * @param within - disjoint, lowest first
 */
export function restrictMemory(memory: DumpMemory, within: readonly Range[]): DumpMemory {
  return {
    ranges: () =>
      intersectEach([...memory.presentRuns()], within).map(({ start, end }) => ({
        start,
        end,
        present: end - start,
      })),
    presentRuns: () => intersectEach([...memory.presentRuns()], within),
    read: (address, length) => memory.read(address, length),
    ...(memory.readInto === undefined
      ? {}
      : { readInto: (address: bigint, into: Uint8Array) => memory.readInto?.(address, into) }),
  };
}
