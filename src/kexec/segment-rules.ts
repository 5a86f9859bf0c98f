/**
 * The rules of `sanity_check_segment_list()` that need no machine but its page size: each finds the first segment that
 * breaks it, in the order in which the kernel looks, and says how.
 */
import { formatRange, overlaps, type Range } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import { hex, isAligned, U64_LIMIT } from '../base/u64.js';

/** The facts about a segment that the kernel checks. */
export interface PlacedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Physical address. */
  readonly mem: bigint;
  /** In bytes. */
  readonly memsz: bigint;
}

/**
 * Finds a segment that does not begin and end on pages, or reaches the end of the address space.
 *
 * @param pageSize - in bytes
 * @param limit - the kernel's `KEXEC_DESTINATION_MEMORY_LIMIT`
 */
export function findMisplaced(
  segments: readonly PlacedBytes[],
  pageSize: number,
  limit: bigint = U64_LIMIT,
): string | undefined {
  for (const segment of segments) {
    const range = getRange(segment);
    if (range.end >= limit) {
      return `${segment.name} leaves the address space: ${formatBytes(segment.memsz)} at ${hex(segment.mem)}`;
    }
    if (!isAligned(range.start, BigInt(pageSize)) || !isAligned(range.end, BigInt(pageSize))) {
      return `${segment.name} takes ${formatRange(range)}, which does not begin and end on pages of ${pageSize / 1024} KiB`;
    }
  }
  return undefined;
}

/** Finds a segment that overlaps one before it. */
export function findOverlap(segments: readonly PlacedBytes[]): string | undefined {
  for (const [index, segment] of segments.entries()) {
    const range = getRange(segment);
    const clash = segments.slice(0, index).find((other) => overlaps(getRange(other), range));
    if (clash !== undefined) {
      return `${segment.name} ${formatRange(range)} overlaps ${clash.name} ${formatRange(getRange(clash))}`;
    }
  }
  return undefined;
}

/** Finds a segment with more bytes than memory. */
export function findOversized(segments: readonly PlacedBytes[]): string | undefined {
  const found = segments.find(({ bytes, memsz }) => BigInt(bytes.length) > memsz);
  return (
    found &&
    `${found.name} has ${formatBytes(found.bytes.length)}, more than the ${formatBytes(found.memsz)} of memory for them`
  );
}

/** Its end may lie beyond 64 bits: such a segment is refused by {@link findMisplaced}. */
function getRange({ mem, memsz }: PlacedBytes): Range {
  return { start: mem, end: mem + memsz };
}
