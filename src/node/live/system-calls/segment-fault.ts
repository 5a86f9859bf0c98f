import type { Errno } from '../../../base/error.js';
import { formatRange, overlaps } from '../../../base/range.js';
import { hex, isAligned, KIB, U64_LIMIT } from '../../../base/u64.js';
import { SEGMENT_MAX, type Segment } from '../../../kexec/kimage.js';

/** What kexec_load(2) reads of a segment. */
export type LoadedSegment = Pick<Segment, 'bytes' | 'mem' | 'memsz'> & { readonly name: string };

/** The smallest page there is; a kernel with larger ones refuses more. */
const PAGE = 4n * KIB;

/**
 * What in the segments themselves makes the kernel refuse them with an errno, in the order in which it looks; nothing
 * where it takes knowledge of the machine to tell. Kernel functions `kexec_load_check()`, `sanity_check_segment_list()`.
 */
export function segmentFault(errno: Errno, segments: readonly LoadedSegment[]): string | undefined {
  if (errno === 'EADDRNOTAVAIL') return findPlaceFault(segments);
  if (errno !== 'EINVAL') return undefined;
  if (segments.length > SEGMENT_MAX) {
    return `${segments.length} segments, and the kernel takes at most ${SEGMENT_MAX}`;
  }
  return findOverlap(segments) ?? findTooManyBytes(segments);
}

function findPlaceFault(segments: readonly LoadedSegment[]): string | undefined {
  for (const { name, mem, memsz } of segments) {
    const end = mem + memsz;
    if (end >= U64_LIMIT) return `${name} leaves the address space: ${hex(memsz)} bytes at ${hex(mem)}`;
    if (!isAligned(mem, PAGE) || !isAligned(end, PAGE)) {
      return `${name} takes ${formatRange({ start: mem, end })}, which does not begin and end on pages`;
    }
  }
  return undefined;
}

function findOverlap(segments: readonly LoadedSegment[]): string | undefined {
  for (const [index, { name, mem, memsz }] of segments.entries()) {
    const range = { start: mem, end: mem + memsz };
    const clash = segments
      .slice(0, index)
      .find((one) => overlaps({ start: one.mem, end: one.mem + one.memsz }, range));
    if (clash !== undefined)
      return `${name} ${formatRange(range)} overlaps ${clash.name} at ${hex(clash.mem)}`;
  }
  return undefined;
}

function findTooManyBytes(segments: readonly LoadedSegment[]): string | undefined {
  const segment = segments.find(({ bytes, memsz }) => BigInt(bytes.length) > memsz);
  return (
    segment &&
    `${segment.name} has ${hex(segment.bytes.length)} bytes, more than the ${hex(segment.memsz)} bytes of memory for them`
  );
}
