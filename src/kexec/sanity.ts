import { refuse } from '../base/error.js';
import { contains, formatRange, overlaps } from '../base/range.js';
import type { Trail } from '../base/trail.js';
import { hex, isAligned, U64_LIMIT } from '../base/u64.js';
import { usableSize } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';
import { type KimageType, type Segment, segmentRange } from './kimage.js';

/**
 * The last look at the segments, whoever placed them: kernel function `sanity_check_segment_list()`.
 *
 * @throws KexecError `EADDRNOTAVAIL` for a destination off the pages, at the end of the address space or outside the
 * crash region; `EINVAL` for overlaps, more bytes than memory, or more than half of the RAM.
 */
export function checkSegments(
  segments: readonly Segment[],
  type: KimageType,
  machine: Machine,
  trail: Trail,
): void {
  checkPages(segments, machine);
  checkOverlaps(segments);
  checkBytes(segments);
  checkTotal(segments, machine);
  if (type === 'crash') checkCrashRegion(segments, machine);
  trail.ok(
    'segment-total',
    `${segments.length} segments: on pages, apart, and at most half of the RAM in all`,
    ['segment-page', 'segment-overlap', 'segment-bytes', 'segment-crash'],
  );
}

function checkPages(segments: readonly Segment[], { pageSize }: Machine): void {
  for (const segment of segments) {
    const { start, end } = segmentRange(segment);
    if (!isAligned(start, BigInt(pageSize)) || !isAligned(end, BigInt(pageSize)) || end >= U64_LIMIT) {
      refuse(
        'segment-page',
        'EADDRNOTAVAIL',
        `${segment.name} takes ${formatRange({ start, end })}, with pages of ${hex(pageSize)} bytes`,
      );
    }
  }
}

function checkOverlaps(segments: readonly Segment[]): void {
  for (const [index, segment] of segments.entries()) {
    const clash = segments.slice(0, index).find((one) => overlaps(segmentRange(one), segmentRange(segment)));
    if (clash !== undefined) {
      refuse(
        'segment-overlap',
        'EINVAL',
        `${segment.name} ${formatRange(segmentRange(segment))} overlaps ` +
          `${clash.name} ${formatRange(segmentRange(clash))}`,
      );
    }
  }
}

function checkBytes(segments: readonly Segment[]): void {
  for (const { name, bytes, memsz } of segments) {
    if (BigInt(bytes.length) > memsz) {
      refuse(
        'segment-bytes',
        'EINVAL',
        `${name} has ${hex(bytes.length)} bytes, but says that it takes ${hex(memsz)} bytes of memory`,
      );
    }
  }
}

function checkTotal(segments: readonly Segment[], machine: Machine): void {
  const half = usableSize(machine) / 2n;
  const total = segments.reduce((sum, { memsz }) => sum + memsz, 0n);
  if (total > half) {
    refuse(
      'segment-total',
      'EINVAL',
      `the segments take ${hex(total)} bytes, half of the RAM is ${hex(half)}`,
    );
  }
}

function checkCrashRegion(segments: readonly Segment[], { crashRegion }: Machine): void {
  for (const segment of segments) {
    if (crashRegion === undefined || !contains(crashRegion.high, segmentRange(segment))) {
      const region = crashRegion === undefined ? 'there is none' : formatRange(crashRegion.high);
      refuse(
        'segment-crash',
        'EADDRNOTAVAIL',
        `${segment.name} takes ${formatRange(segmentRange(segment))}; the crash region: ${region}`,
      );
    }
  }
}
