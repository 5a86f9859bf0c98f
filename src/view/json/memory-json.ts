import type { Range } from '../../base/range.js';
import { hex } from '../../base/u64.js';

/** A half-open range of physical addresses. */
export function buildRangeJson({ start, end }: Range): { start: string; end: string } {
  return { start: hex(start), end: hex(end) };
}

/** A segment, as every command prints it in JSON. */
export interface SegmentJson {
  readonly name: string;
  readonly mem: string;
  readonly memsz: string;
  readonly bufsz: string;
}

/** A segment without its bytes. @param bufsz - how many bytes it has */
export function buildSegmentJson(name: string, mem: bigint, memsz: bigint, bufsz: number): SegmentJson {
  return { name, mem: hex(mem), memsz: hex(memsz), bufsz: hex(bufsz) };
}
