import { refuse } from '../base/error.js';
import { contains, formatRange } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import type { Trail } from '../base/trail.js';
import { type MachineFacts, measureUsableRam } from '../machine/machine-facts.js';
import { getSegmentRange, type Kimage, type Segment } from './kimage.js';
import { findMisplaced, findOverlap, findOversized } from './segment-rules.js';

/**
 * The last check of the segments, whatever placed them: kernel function `sanity_check_segment_list()`.
 *
 * @param destinationLimit - the kernel's `KEXEC_DESTINATION_MEMORY_LIMIT`
 * @throws KexecError `EADDRNOTAVAIL` for a destination off the pages, at the end of the address space or outside the
 * crash region; `EINVAL` for overlaps, more bytes than memory, or more than half of the RAM.
 */
export function checkSegments(
  { segments, type }: Pick<Kimage, 'segments' | 'type'>,
  machine: MachineFacts,
  destinationLimit: bigint,
  trail: Trail,
): void {
  const misplaced = findMisplaced(segments, machine.pageSize, destinationLimit);
  if (misplaced !== undefined) refuse('segment-page', 'EADDRNOTAVAIL', misplaced);
  const overlap = findOverlap(segments);
  if (overlap !== undefined) refuse('segment-overlap', 'EINVAL', overlap);
  const oversized = findOversized(segments);
  if (oversized !== undefined) refuse('segment-bytes', 'EINVAL', oversized);
  checkTotal(segments, machine);
  if (type === 'crash') checkCrashRegion(segments, machine);
  trail.ok(
    'segment-total',
    `${segments.length} segments: on pages, apart, and at most half of the RAM in all`,
    ['segment-page', 'segment-overlap', 'segment-bytes', 'segment-crash'],
  );
}

function checkTotal(segments: readonly Segment[], machine: MachineFacts): void {
  const half = measureUsableRam(machine) / 2n;
  const total = segments.reduce((sum, { memsz }) => sum + memsz, 0n);
  if (total > half) {
    refuse(
      'segment-total',
      'EINVAL',
      `the segments take ${formatBytes(total)}, half of the RAM is ${formatBytes(half)}`,
      { cure: `load a smaller ${findLargest(segments).name}, or use a machine with more RAM` },
    );
  }
}

function findLargest(segments: readonly Segment[]): Segment {
  return segments.reduce((largest, segment) => (segment.memsz > largest.memsz ? segment : largest));
}

function checkCrashRegion(segments: readonly Segment[], { crashRegion }: MachineFacts): void {
  for (const segment of segments) {
    if (crashRegion === undefined || !contains(crashRegion.high, getSegmentRange(segment))) {
      const region = crashRegion === undefined ? 'there is none' : formatRange(crashRegion.high);
      refuse(
        'segment-crash',
        'EADDRNOTAVAIL',
        `${segment.name} takes ${formatRange(getSegmentRange(segment))}; the crash region: ${region}`,
      );
    }
  }
}
