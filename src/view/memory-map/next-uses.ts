import { attempt, KexecError } from '../../base/error.js';
import { type Range, union } from '../../base/range.js';
import type { Kimage } from '../../kexec/kimage.js';
import { readNextTree } from '../../kexec/next-tree.js';
import { findReservations } from '../../machine/device-tree.js';
import type { RunningMemory, RunningPart } from '../../machine/running-memory.js';
import type { Ground } from './ground.js';

/**
 * The use of a range when the next kernel starts. `free`: it may use the range, which is free now, too. `freed`: it may
 * use what is taken now. `reserved`: its device tree reserves the range. `kept`: the memory of the crashed kernel,
 * which a capture kernel leaves alone and dumps. `unknown`: it is taken now, perhaps by firmware.
 */
export type NextUse = 'free' | 'freed' | 'reserved' | 'kept' | 'driver-managed' | 'gap' | 'unknown';

/** What decides about memory outside the segments. */
export interface NextMemory {
  readonly type: Kimage['type'];
  /** The ranges that the next kernel's device tree reserves, lowest first; undefined if that is not known. */
  readonly reserved: readonly Range[] | undefined;
  /** Whether the running kernel may have reserved memory for firmware: the next one finds that in UEFI's memory map. */
  readonly hasUefiMap: boolean;
}

/** Finds what the next kernel's device tree reserves, as far as that tree can be read. */
export function findNextMemory(kimage: Kimage, { hasUefiMap }: RunningMemory): NextMemory {
  const tree = readNextTree(kimage);
  const reserved = tree && attempt(() => union(findReservations(tree)));
  return { type: kimage.type, reserved: reserved instanceof KexecError ? undefined : reserved, hasUefiMap };
}

/**
 * Decides what becomes of a range without a segment.
 *
 * @param isReserved - whether the next kernel's device tree reserves the range
 */
export function decideNextUse(
  { ground, running }: { readonly ground: Ground; readonly running?: RunningPart },
  isReserved: boolean,
  { type, reserved, hasUefiMap }: NextMemory,
): NextUse {
  if (ground === 'gap') return 'gap';
  const isCrashRegion = ground === 'crash-high' || ground === 'crash-low' || ground === 'crash-cma';
  // A capture kernel's RAM is the crash regions and crash CMA ranges: linux,usable-memory-range.
  if (type === 'crash' && !isCrashRegion) return 'kept';
  if (isReserved) return 'reserved';
  if (type === 'crash') return 'free';
  if (ground === 'driver-managed') return 'driver-managed';
  if (isCrashRegion || running !== undefined) return 'freed';
  if (ground === 'free') return 'free';
  return reserved === undefined || hasUefiMap ? 'unknown' : 'freed';
}
