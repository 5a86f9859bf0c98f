import { KexecError, refuse } from '../base/error.js';
import type { RandomSource } from '../base/random.js';
import { formatRange, type Range, rangeOf, size } from '../base/range.js';
import type { Trail, TriedHole } from '../base/trail.js';
import { alignUp, hex, maximum, U64_LIMIT } from '../base/u64.js';
import { findHole, type HoleRequest } from './placement.js';
import { drawPlace } from './random-place.js';

/** `KEXEC_SEGMENT_MAX`. */
export const SEGMENT_MAX = 16;

export const SEGMENT_NAMES = ['kernel', 'elfcorehdr', 'initrd', 'dtb', 'purgatory'] as const;

export type SegmentName = (typeof SEGMENT_NAMES)[number];

/** A piece of the next kernel's memory: `bytes` at physical address `mem`, then zeros up to `memsz` bytes. */
export interface Segment {
  readonly name: SegmentName;
  readonly bytes: Uint8Array;
  readonly mem: bigint;
  readonly memsz: bigint;
}

/** `default` replaces the running kernel; `crash` waits in the crash region for it to panic. */
export type KimageType = 'default' | 'crash';

/** What is handed over: the segments, exactly as they are loaded, and the address where the CPU enters them. */
export interface Kimage {
  readonly type: KimageType;
  readonly entry: bigint;
  readonly segments: readonly Segment[];
}

export function getSegmentRange(segment: Segment): Range {
  return rangeOf(segment.mem, segment.memsz);
}

/** A segment that still needs a place: `kexec_buf` of the kernel. */
export interface SegmentRequest {
  readonly name: SegmentName;
  readonly bytes: Uint8Array;
  /** Memory it takes, in bytes; rounded up to pages. */
  readonly memsz: bigint;
  /** In bytes; a page at least. */
  readonly alignment: bigint;
  readonly direction: HoleRequest['direction'];
  /** Where places are drawn, in place of the alignment: the segment lies within a multiple of this. */
  readonly boundary?: bigint;
  /** Where places are drawn: not for this one. */
  readonly isFixed?: boolean;
  /** Not below this address; 0 if left out. */
  readonly minimum?: bigint;
  /** Not beyond this address; no limit if left out. */
  readonly maximum?: bigint;
}

/** No free memory holds a segment: `EADDRNOTAVAIL`, with every hole that was tried. */
export class NoHoleError extends KexecError {
  readonly holes: readonly TriedHole[];

  constructor(request: SegmentRequest, hole: HoleRequest, holes: readonly TriedHole[]) {
    super(
      'segment-hole',
      'EADDRNOTAVAIL',
      `no hole for ${request.name}: ${hex(hole.size)} bytes, aligned to ${hex(hole.alignment)}, ` +
        `${hole.direction} ${describeWindow(hole.window)}; ${describeLargest(holes)}`,
    );
    this.holes = holes;
  }
}

/** Segments in the making: each is given a place in free memory as it is added. */
export class SegmentList {
  readonly #free: readonly Range[];
  readonly #pageSize: bigint;
  readonly #random: RandomSource | undefined;
  #segments: readonly Segment[] = [];

  /**
   * @param free where segments may go, lowest first: free RAM, or the crash region.
   * @param random what places are drawn by; without it, they are the kernel's.
   */
  constructor(free: readonly Range[], pageSize: number, random?: RandomSource) {
    this.#free = free;
    this.#pageSize = BigInt(pageSize);
    this.#random = random;
  }

  /** Whether places are drawn at random. */
  get isRandom(): boolean {
    return this.#random !== undefined;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /**
   * Finds a place for a segment, adds it and records where. Kernel function `kexec_add_buffer()`.
   *
   * @throws NoHoleError (`EADDRNOTAVAIL`) if there is none, KexecError `EINVAL` for the seventeenth segment.
   */
  add(request: SegmentRequest, trail: Trail): Segment {
    const { name, bytes } = request;
    if (this.#segments.length >= SEGMENT_MAX) {
      refuse('segment-count', 'EINVAL', `${name} would be segment 17`);
    }
    const hole: HoleRequest = {
      size: alignUp(request.memsz, this.#pageSize),
      alignment: maximum(request.alignment, this.#pageSize),
      window: { start: request.minimum ?? 0n, end: request.maximum ?? U64_LIMIT },
      direction: request.direction,
    };
    const random = request.isFixed === true ? undefined : this.#random;
    const mem =
      random === undefined ? this.#find(request, hole, trail) : this.#draw(request, hole, random, trail);
    const segment = { name, bytes, mem, memsz: hole.size };
    this.#segments = [...this.#segments, segment];
    return segment;
  }

  /** The lowest or the highest place. */
  #find(request: SegmentRequest, hole: HoleRequest, trail: Trail): bigint {
    const { start, tried } = findHole(this.#free, this.#segments.map(getSegmentRange), hole);
    if (start === undefined) throw new NoHoleError(request, hole, tried);
    trail.ok(
      'segment-hole',
      `${request.name} at ${hex(start)}, ${hex(hole.size)} bytes: the ${hole.direction === 'bottom-up' ? 'lowest' : 'highest'} ` +
        `place aligned to ${hex(hole.alignment)} ${describeWindow(hole.window)}`,
    );
    return start;
  }

  /** Any place. */
  #draw(request: SegmentRequest, hole: HoleRequest, random: RandomSource, trail: Trail): bigint {
    const { boundary } = request;
    const places = boundary === undefined ? hole : { ...hole, alignment: this.#pageSize, boundary };
    const taken = this.#segments.map(getSegmentRange);
    const drawn = drawPlace(this.#free, taken, places, random);
    if (drawn === undefined) throw new NoHoleError(request, hole, findHole(this.#free, taken, hole).tried);
    const { start, places: count } = drawn;
    trail.addDraw(
      `${request.name} at ${hex(start)}, ${hex(hole.size)} bytes: one of ${count} places ${describeWindow(hole.window)}`,
      count,
    );
    return start;
  }

  /** Puts another segment in the place of one that was added. */
  replace(segment: Segment, by: Segment): void {
    this.#segments = this.#segments.map((one) => (one === segment ? by : one));
  }

  /** Drops every segment from the given one on, as if they had not been added. */
  dropFrom(segment: Segment): void {
    this.#segments = this.#segments.slice(0, this.#segments.indexOf(segment));
  }
}

function describeLargest(holes: readonly TriedHole[]): string {
  if (holes.length === 0) return 'no memory is free';
  const largest = holes.map(({ range }) => size(range)).reduce(maximum);
  return `the largest of ${holes.length} free ranges has ${hex(largest)}`;
}

function describeWindow({ start, end }: Range): string {
  return end === U64_LIMIT ? `from ${hex(start)} up` : `within ${formatRange({ start, end })}`;
}
