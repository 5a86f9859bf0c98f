import { expect } from 'vitest';
import type { KexecError } from '../../src/base/error.js';
import type { TrailEntry } from '../../src/base/trail.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { Kimage, Segment, SegmentName } from '../../src/kexec/kimage.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';

/** A reproducible source of bytes. */
export const countingRandom = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => index);

/** Loads, and throws if the load is refused. */
export function loadOrFail(
  request: LoadRequest,
  machine: Machine,
): { kimage: Kimage; trail: readonly TrailEntry[] } {
  const result = kexecFileLoad({ hashes: nodeHashes, ...request }, machine);
  if ('refusal' in result) throw result.refusal;
  return result;
}

/** Loads, and expects a refusal, which must also be the last entry of the trail and its only refusal. */
export function expectRefusal(
  request: LoadRequest,
  machine: Machine,
): { refusal: KexecError; trail: readonly TrailEntry[] } {
  const result = kexecFileLoad({ hashes: nodeHashes, ...request }, machine);
  if (!('refusal' in result)) throw new Error('the load was not refused');
  const { refusal, trail } = result;
  expect(trail.at(-1)).toMatchObject({ verdict: 'refused', check: refusal.check, errno: refusal.errno });
  expect(trail.filter(({ verdict }) => verdict === 'refused')).toHaveLength(1);
  return { refusal, trail };
}

export function findSegment(kimage: Kimage, name: SegmentName): Segment {
  const segment = kimage.segments.find((one) => one.name === name);
  if (segment === undefined) throw new Error(`the kimage has no ${name}`);
  return segment;
}
