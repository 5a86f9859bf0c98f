import { KexecError, type RefusalKind, refusalArguments, refuse } from '../base/error.js';
import type { RandomSource } from '../base/random.js';
import { formatRange, type Range, rangeOf } from '../base/range.js';
import { formatBytes, formatSize } from '../base/sizes.js';
import type { Trail, TriedHole } from '../base/trail.js';
import { alignUp, hex, maximum, U64_LIMIT } from '../base/u64.js';
import type { SearchedMemory } from './free-memory.js';
import type { HoleRequest } from './placement.js';
import { drawPlace } from './random-place.js';

/** `KEXEC_SEGMENT_MAX`. */
export const SEGMENT_MAX = 16;

export const SEGMENT_NAMES = [
  'kernel',
  'elfcorehdr',
  'initrd',
  'dtb',
  'purgatory',
  'kho-scratch',
  'boot-params',
  'dmcryptkeys',
] as const;

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

/** The result of a load: the segments, exactly as they are loaded, and the address where the CPU enters them. */
export interface Kimage {
  readonly type: KimageType;
  readonly entry: bigint;
  readonly segments: readonly Segment[];
}

/** The physical range of a segment. */
export function getSegmentRange(segment: Segment): Range {
  return rangeOf(segment.mem, segment.memsz);
}

/** The bytes of a segment in memory, without the zeros after them. */
export function getBytesRange({ mem, bytes }: Segment): Range {
  return rangeOf(mem, BigInt(bytes.length));
}

/** A segment that still needs a place: `kexec_buf` of the kernel. */
export interface SegmentRequest {
  readonly name: SegmentName;
  readonly bytes: Uint8Array;
  /** The size of its memory in bytes; rounded up to pages. */
  readonly memsz: bigint;
  /** In bytes; at least a page. */
  readonly alignment: bigint;
  readonly direction: HoleRequest['direction'];
  /** If places are drawn, used in place of the alignment: the segment does not cross a multiple of this. */
  readonly boundary?: bigint;
  /** Whether the place is never drawn, but searched. */
  readonly isFixed?: boolean;
  /** Not below this address; 0 if left out. */
  readonly minimum?: bigint;
  /** Not beyond this address; no limit if left out. */
  readonly maximum?: bigint;
}

/** What was tried in vain. */
interface Tried {
  readonly free: SearchedMemory;
  readonly taken: readonly Range[];
  readonly cure: string | undefined;
}

/** No memory that is searched holds a segment: `EADDRNOTAVAIL`, with every hole that was tried. */
export class NoHoleError extends KexecError {
  readonly #free: SearchedMemory;
  readonly #taken: readonly Range[];
  readonly #hole: HoleRequest;

  constructor(request: SegmentRequest, hole: HoleRequest, { free, taken, cure }: Tried) {
    const kind: RefusalKind<typeof free.check> = { check: free.check, errno: 'EADDRNOTAVAIL' };
    super(
      ...refusalArguments(
        kind,
        `no hole for ${request.name}: ${formatBytes(hole.size)}, aligned to ${formatSize(hole.alignment)}, ` +
          `${hole.direction} ${describeWindow(hole.window)}; ${free.describe()}`,
        { cure },
      ),
    );
    this.#free = free;
    this.#taken = taken;
    this.#hole = hole;
  }

  /** Every range that was examined. There may be many, and most errors of an attempt are dropped unread. */
  get holes(): readonly TriedHole[] {
    return this.#free.explain(this.#taken, this.#hole);
  }

  /** Whether the segment is larger than every range, wherever the others lie. */
  get isHopeless(): boolean {
    return this.#hole.size > this.#free.largest;
  }
}

/** Says what to do if there is no room for a segment. */
export type RoomAdvice = (name: SegmentName) => string;

/** Segments while they are placed: each gets a place in free memory when it is added. */
export class SegmentList {
  readonly #free: SearchedMemory;
  readonly #pageSize: bigint;
  readonly #random: RandomSource | undefined;
  readonly #advise: RoomAdvice | undefined;
  #segments: readonly Segment[] = [];

  /**
   * @param free - the ranges where segments may lie: free RAM, the scratch areas of KHO, or the crash region
   * @param random - draws the places; if undefined, they are those that the kernel would choose
   * @param advise - what to do if there is no room
   */
  constructor(free: SearchedMemory, pageSize: number, random?: RandomSource, advise?: RoomAdvice) {
    this.#free = free;
    this.#pageSize = BigInt(pageSize);
    this.#random = random;
    this.#advise = advise;
  }

  /** The check that a search for a place ends in. */
  get check(): SearchedMemory['check'] {
    return this.#free.check;
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
    const hole = this.#buildHole(request);
    const random = request.isFixed === true ? undefined : this.#random;
    const mem =
      random === undefined ? this.#find(request, hole, trail) : this.#draw(request, hole, random, trail);
    const segment = { name, bytes, mem, memsz: hole.size };
    this.#segments = [...this.#segments, segment];
    return segment;
  }

  /**
   * Refuses a segment that has no place, as {@link add} would.
   *
   * @throws NoHoleError (`EADDRNOTAVAIL`)
   */
  requireHole(request: SegmentRequest): void {
    const [hole, taken] = [this.#buildHole(request), this.#segments.map(getSegmentRange)];
    if (this.#free.findStart(taken, hole) === undefined)
      throw new NoHoleError(request, hole, this.#tried(request, taken));
  }

  #tried({ name }: SegmentRequest, taken: readonly Range[]): Tried {
    return { free: this.#free, taken, cure: this.#advise?.(name) };
  }

  #buildHole(request: SegmentRequest): HoleRequest {
    return {
      size: alignUp(request.memsz, this.#pageSize),
      alignment: maximum(request.alignment, this.#pageSize),
      window: { start: request.minimum ?? 0n, end: request.maximum ?? U64_LIMIT },
      direction: request.direction,
    };
  }

  /** The lowest or the highest place. */
  #find(request: SegmentRequest, hole: HoleRequest, trail: Trail): bigint {
    const taken = this.#segments.map(getSegmentRange);
    const start = this.#free.findStart(taken, hole);
    if (start === undefined) throw new NoHoleError(request, hole, this.#tried(request, taken));
    trail.ok(
      this.#free.check,
      `${request.name} at ${hex(start)}, ${formatBytes(hole.size)}: the ${hole.direction === 'bottom-up' ? 'lowest' : 'highest'} ` +
        `place aligned to ${formatSize(hole.alignment)} ${describeWindow(hole.window)}`,
    );
    return start;
  }

  /** Any place. */
  #draw(request: SegmentRequest, hole: HoleRequest, random: RandomSource, trail: Trail): bigint {
    const { boundary } = request;
    const places = boundary === undefined ? hole : { ...hole, alignment: this.#pageSize, boundary };
    const taken = this.#segments.map(getSegmentRange);
    const drawn = drawPlace(this.#free.findRoomy(places), taken, places, random);
    if (drawn === undefined) throw new NoHoleError(request, hole, this.#tried(request, taken));
    const { start, places: count } = drawn;
    trail.addDraw(
      `${request.name} at ${hex(start)}, ${formatBytes(hole.size)}: one of ${count} places ${describeWindow(hole.window)}`,
      count,
    );
    return start;
  }

  /** Replaces a segment that was added. */
  replace(segment: Segment, by: Segment): void {
    this.#segments = this.#segments.map((other) => (other === segment ? by : other));
  }

  /** Drops a segment and all that were added after it. */
  dropFrom(segment: Segment): void {
    this.#segments = this.#segments.slice(0, this.#segments.indexOf(segment));
  }
}

function describeWindow({ start, end }: Range): string {
  return end === U64_LIMIT ? `from ${hex(start)} up` : `within ${formatRange({ start, end })}`;
}
