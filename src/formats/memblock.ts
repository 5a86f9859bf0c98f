import { refuse } from '../base/error.js';
import { isEmpty, type Range, rangeOf } from '../base/range.js';

/** A region of memblock. */
export interface MemblockRegion {
  readonly range: Range;
  /**
   * `HOTPLUG`, `MIRROR`, `NOMAP`, `DRV_MNG`, `RSV_NIT`, and in newer releases `RSV_KERN`, `KHO_SCRATCH`, `RSV_HUGETLB`;
   * empty on kernels before 6.6, which do not print flags. A flag without a name of its own is `UNKNOWN`.
   */
  readonly flags: readonly string[];
}

const LINE = /^\s*\d+: 0x([0-9a-f]{1,16})\.\.0x([0-9a-f]{1,16})(?:\s+(?:\d+|x)\s+(\S+))?\s*$/i;

/**
 * Parses `/sys/kernel/debug/memblock/memory` or `…/reserved` (kernel function `memblock_debug_show()`).
 *
 * @throws KexecError `EINVAL`, check `memblock-line`, for a line of another form, and for regions that overlap or are
 *   not lowest first: memblock keeps them apart and sorted.
 */
export function parseMemblock(text: string): MemblockRegion[] {
  const regions: MemblockRegion[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [, first, last, flags = 'NONE'] = LINE.exec(line) ?? [];
    if (first === undefined || last === undefined)
      refuseLine(line, index, 'is not of the form N: START..END');
    const start = BigInt(`0x${first}`);
    const range = rangeOf(start, BigInt(`0x${last}`) + 1n - start);
    if (isEmpty(range)) refuseLine(line, index, 'is an empty region');
    if (start < (regions.at(-1)?.range.end ?? 0n))
      refuseLine(line, index, 'begins before the end of the region above');
    regions.push({ range, flags: flags === 'NONE' ? [] : flags.split('|') });
  }
  return regions;
}

/** Whether a list has a column of flags. Kernels before 6.6 print none. */
export function printsFlags(text: string): boolean {
  return /^\s*\d+: 0x\w+\.\.0x\w+\s+(?:\d+|x)\s+\S/im.test(text);
}

function refuseLine(line: string, index: number, fault: string): never {
  refuse('memblock-line', 'EINVAL', `memblock: line ${index + 1}, "${line.trim().slice(0, 60)}", ${fault}`);
}
