import { Trail } from '../base/trail.js';
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

/** The second half of a load: its segments are placed. */
export interface PlacementInProgress<M extends MachineFacts = MachineFacts> extends LoadInProgress<M> {
  /** The segments that have a place already. */
  readonly segments: SegmentList;
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
