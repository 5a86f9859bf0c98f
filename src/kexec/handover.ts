import { concatenate, encodeU64le } from '../base/bytes.js';
import { size } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import { KIB } from '../base/u64.js';
import type { HandoverFacts } from '../machine/handover-facts.js';
import { findHandoverState } from '../machine/handover-state.js';
import { hasChange } from '../machine/kernel-changes.js';
import { isBuiltIn } from '../machine/kernel-config.js';
import {
  type LoadInProgress,
  type PlacedHandover,
  type PlacementInProgress,
  placeSegment,
} from './load-in-progress.js';

/** So that any kernel can map it: `SZ_64K` in `kho_fill_kimage()`. */
const LIST_ALIGNMENT = 64n * KIB;

/**
 * Kexec Handover of a load: kexec_file_load hands over to a kernel that replaces the running one, unless the rules are
 * those of a release without KHO. kexec_load, which alone can place at random, knows nothing of it.
 *
 * @returns undefined if nothing is handed over, or the scratch areas are unknown, which the trail then notes
 */
export function findHandover({ type, request, machine, trail }: LoadInProgress): HandoverFacts | undefined {
  const { call, randomize, rules = 'mainline' } = request.options;
  if (type === 'crash' || call === 'segments' || randomize !== undefined) return undefined;
  if (rules !== 'mainline' && rules !== '7.3') return undefined;
  const { handover } = machine;
  if (handover === undefined) {
    if (findHandoverState(machine) === 'asked') {
      trail.note(
        'handover',
        'the kernel was asked to switch KHO on, but its scratch areas were not recorded: the places are those without KHO',
      );
    }
    return undefined;
  }
  const areas = handover.scratch.map((area) => formatBytes(size(area))).join(', ');
  trail.ok('handover', `KHO is on: all segments lie in its scratch areas of ${areas}`);
  return handover;
}

/**
 * Whether what an earlier kernel handed over is deleted from the next device tree. A kernel without KHO does not know
 * it; with kexec_load, we make the tree. Kernel function `kho_add_chosen()`.
 */
export function dropsOldHandover({ request, machine: { kernel } }: LoadInProgress): boolean {
  const { call, rules = 'mainline' } = request.options;
  if (call === 'segments') return true;
  if (rules !== 'mainline' && rules !== '7.3') return false;
  return isBuiltIn(kernel?.config, 'KEXEC_HANDOVER') ?? hasChange(kernel?.release, 'kexec-handover');
}

/** Places the list of the scratch areas, the first segment of all: kernel function `kho_fill_kimage()`. */
export function placeHandoverList(
  { scratch, fdt }: HandoverFacts,
  placement: PlacementInProgress,
): PlacedHandover {
  const bytes = concatenate(scratch.flatMap((area) => [encodeU64le(area.start), encodeU64le(size(area))]));
  const list = placeSegment(placement, {
    name: 'kho-scratch',
    bytes,
    memsz: BigInt(bytes.length),
    alignment: LIST_ALIGNMENT,
    direction: 'top-down',
  });
  return { fdt, list };
}
