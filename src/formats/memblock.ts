import { refuse } from '../base/error.js';
import { type Range, rangeOf } from '../base/range.js';

/** A region of memblock. */
export interface MemblockRegion {
  readonly range: Range;
  /** `HOTPLUG`, `MIRROR`, `NOMAP`, `DRV_MNG`, `RSV_NIT`; empty on kernels before 6.6, which do not print flags. */
  readonly flags: readonly string[];
}

const LINE = /^\s*\d+: 0x([0-9a-f]{1,16})\.\.0x([0-9a-f]{1,16})(?:\s+(?:\d+|x)\s+(\S+))?\s*$/i;

/**
 * Parses `/sys/kernel/debug/memblock/memory` or `…/reserved` (kernel function `memblock_debug_show()`).
 *
 * @returns the regions, in order
 * @throws KexecError `EINVAL`, check `memblock-line`, for a line of another form.
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
        `memblock: line ${index + 1}, "${line.trim().slice(0, 60)}", is not of the form N: START..END`,
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
 * Whether the kernel's walk over free memory skips a region of `memory`: it is outside the linear map (`NOMAP`), or a
 * driver manages it (`DRV_MNG`). Kernel function `should_skip_region()` with `MEMBLOCK_NONE`.
 */
export function isSkippedByWalk(region: MemblockRegion): boolean {
  return region.flags.includes('NOMAP') || region.flags.includes('DRV_MNG');
}
