import type { Range } from '../../base/range.js';
import { hex } from '../../base/u64.js';

/** A half-open range of physical addresses. */
export function buildRangeJson({ start, end }: Range): { start: string; end: string } {
  return { start: hex(start), end: hex(end) };
}

/** A segment without its bytes. @param bufsz - how many bytes it has */
export function buildSegmentJson(name: string, mem: bigint, memsz: bigint, bufsz: number): object {
  return { name, mem: hex(mem), memsz: hex(memsz), bufsz: hex(bufsz) };
}
