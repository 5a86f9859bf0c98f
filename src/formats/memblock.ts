import { refuse } from '../base/error.js';
import { type Range, rangeOf } from '../base/range.js';

/** A line of memblock's debugfs files. */
export interface MemblockRegion {
  readonly range: Range;
  /** `HOTPLUG`, `MIRROR`, `NOMAP`, `DRV_MNG`, `RSV_NIT`; none on kernels before 6.6, which do not print them. */
  readonly flags: readonly string[];
}

const LINE = /^\s*\d+: 0x([0-9a-f]{1,16})\.\.0x([0-9a-f]{1,16})(?:\s+(?:\d+|x)\s+(\S+))?\s*$/i;

/**
 * `/sys/kernel/debug/memblock/memory` or `…/reserved` (kernel function `memblock_debug_show()`).
 *
 * @throws KexecError `EINVAL` for a line of any other form.
 */
export function parseMemblock(text: string): MemblockRegion[] {
  const regions: MemblockRegion[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const match = LINE.exec(line);
    if (match === null) {
      refuse(
        'memblock-line',
        'EINVAL',
        `memblock: line ${index + 1}, "${line.trim().slice(0, 60)}", is no region`,
      );
    }
    const [, first = '', last = '', flags = 'NONE'] = match;
    const start = BigInt(`0x${first}`);
    regions.push({
      range: rangeOf(start, BigInt(`0x${last}`) + 1n - start),
      flags: flags === 'NONE' ? [] : flags.split('|'),
    });
  }
  return regions;
}

/**
 * Whether the walk over free memory passes a region of `memory` by: not in the linear map (`NOMAP`), or left to a
 * driver (`DRV_MNG`). Kernel function `should_skip_region()` with `MEMBLOCK_NONE`.
 */
export function isSkippedByWalk(region: MemblockRegion): boolean {
  return region.flags.includes('NOMAP') || region.flags.includes('DRV_MNG');
}
