import type { Errno } from '../../../base/error.js';
import { SEGMENT_MAX } from '../../../kexec/kimage.js';
import { findMisplaced, findOverlap, findOversized, type PlacedBytes } from '../../../kexec/segment-rules.js';

/** The smallest page that a kernel has; one with larger pages refuses more segments. */
const SMALLEST_PAGE = 4096;

/**
 * Finds the fault in the segments for which the kernel returned an errno: kernel functions `kexec_load_check()`,
 * `sanity_check_segment_list()`.
 *
 * @returns undefined if only knowledge of the machine could tell
 */
export function findSegmentFault(errno: Errno, segments: readonly PlacedBytes[]): string | undefined {
  if (errno === 'EADDRNOTAVAIL') return findMisplaced(segments, SMALLEST_PAGE);
  if (errno !== 'EINVAL') return undefined;
  if (segments.length > SEGMENT_MAX) {
    return `${segments.length} segments, and the kernel takes at most ${SEGMENT_MAX}`;
  }
  return findOverlap(segments) ?? findOversized(segments);
}
