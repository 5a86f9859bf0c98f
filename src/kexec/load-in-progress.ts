import { Trail } from '../base/trail.js';
import type { DmCryptFacts } from '../machine/dm-crypt-keys.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { KimageType, Segment, SegmentList, SegmentRequest } from './kimage.js';
import type { LoadOptions } from './load-options.js';
import type { LoadRequest } from './request.js';

/** A load in progress: the request, the machine, and the record of its checks. */
export interface LoadInProgress<M extends MachineFacts = MachineFacts> {
  readonly request: LoadRequest & { readonly options: LoadOptions };
  readonly type: KimageType;
  readonly machine: M;
  readonly trail: Trail;
}

/** What the next kernel needs to know to take over what the running one preserves: Kexec Handover. */
export interface PlacedHandover {
  /** The physical address of the running kernel's KHO device tree; undefined if unknown. */
  readonly fdt: bigint | undefined;
  /** The segment with the list of scratch areas. */
  readonly list: Segment;
}

/** The second half of a load: its segments are placed. */
export interface PlacementInProgress<M extends MachineFacts = MachineFacts> extends LoadInProgress<M> {
  /** The segments that have a place already. */
  readonly segments: SegmentList;
  /** What the running kernel hands over; undefined without Kexec Handover. */
  readonly handover?: PlacedHandover | undefined;
  /** The dm-crypt keys that a crash kernel is given; undefined if none are. */
  readonly dmCryptKeys?: DmCryptFacts | undefined;
}

/** Finds a place for a segment and records it. @throws KexecError as {@link SegmentList.add}. */
export function placeSegment({ segments, trail }: PlacementInProgress, request: SegmentRequest): Segment {
  return segments.add(request, trail);
}

/** The same placement with a trail of its own, which the caller appends or drops. */
export function beginAttempt<M extends MachineFacts>(
  placement: PlacementInProgress<M>,
): PlacementInProgress<M> {
  return { ...placement, trail: new Trail() };
}
