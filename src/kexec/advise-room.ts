import type { SegmentName } from './kimage.js';
import type { LoadInProgress } from './load-in-progress.js';

/**
 * Says what to do if there is no room for a segment: where the load can get more, and what can become smaller.
 *
 * @param isScratch - whether the segments lie in the scratch areas of Kexec Handover
 */
export function adviseRoom(name: SegmentName, { type, request }: LoadInProgress, isScratch: boolean): string {
  return [adviseMemory(type, request, isScratch), ...adviseSmaller(name, request)].join(', or ');
}

function adviseMemory(
  type: LoadInProgress['type'],
  { options }: LoadInProgress['request'],
  isScratch: boolean,
): string {
  if (isScratch)
    return 'boot with larger scratch areas (kho_scratch=LOW,GLOBAL,NODE), or with kho=off if nothing is to be handed over';
  if (options.window !== undefined) return 'leave out --mem-min and --mem-max, or set them further apart';
  return type === 'crash'
    ? 'reserve a larger crash region with crashkernel= (kexec-file crash estimate computes its size)'
    : 'free memory by reserving less (crashkernel=, cma=, hugepages=, reserved-memory)';
}

/** The kernel, or the initrd, if there is one: the other segments are small. */
function adviseSmaller(name: SegmentName, { initrd }: LoadInProgress['request']): string[] {
  if (name === 'kernel') return ['load a smaller kernel'];
  return initrd === undefined ? [] : ['load a smaller initrd'];
}
