import { attempt, KexecError, refuse } from '../base/error.js';
import { type Range, rangeOf } from '../base/range.js';
import type { Collected } from './collected.js';
import type { UnknownFact } from './machine-facts.js';

/** `CRASHKERNEL_CMA_RANGES_MAX`. */
const MAX_RANGES = 4;

/** A line of `crash_cma_ranges_show()`: first and last byte. */
const LINE = /^([0-9a-f]{8,16})-([0-9a-f]{8,16})$/;

/** What was read, and why nothing was. */
interface CrashCmaReading {
  /** Undefined if `crashkernel=…,cma` reserved nothing, or the kernel does not show it. */
  readonly crashCma: readonly Range[] | undefined;
  readonly broken: readonly UnknownFact[];
}

/** Reads `/sys/kernel/kexec/crash_cma_ranges`: a range on each line, in the order of the kernel's array. */
export function readCrashCma({ 'crash-cma-ranges': text }: Collected): CrashCmaReading {
  const lines = text?.split('\n').filter((line) => line !== '') ?? [];
  const ranges = attempt(() => parseRanges(lines));
  if (ranges instanceof KexecError)
    return { crashCma: undefined, broken: [{ fact: 'crash-cma-ranges', reason: ranges.seen }] };
  return { crashCma: ranges.length === 0 ? undefined : ranges, broken: [] };
}

function parseRanges(lines: readonly string[]): Range[] {
  if (lines.length > MAX_RANGES)
    refuse(
      'machine-text',
      'EINVAL',
      `${lines.length} crash CMA ranges; the kernel has at most ${MAX_RANGES}`,
    );
  return lines.map(parseRange);
}

function parseRange(line: string): Range {
  const [, first, last] = LINE.exec(line) ?? [];
  const [start, end] = [BigInt(`0x${first ?? 0}`), BigInt(`0x${last ?? 0}`)];
  if (first === undefined || end < start)
    refuse('machine-text', 'EINVAL', `"${line.slice(0, 40)}" is no crash CMA range`);
  return rangeOf(start, end - start + 1n);
}
