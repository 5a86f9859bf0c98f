import { containsAddress } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';
import { hex } from '../../base/u64.js';
import { getSegmentRange, type Kimage } from '../../kexec/kimage.js';
import type { Machine } from '../../machine/machine-value.js';
import { formatMachineMemory } from '../memory-map/machine-memory-text.js';
import type { ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';
import { formatTrail } from './trail-text.js';

/** What `plan` prints: every check, the memory map, and the entry. */
export const formatPlan: View<
  [
    loaded: { readonly kimage: Kimage; readonly trail: readonly TrailEntry[] },
    machine: Machine,
    options?: ViewOptions,
  ]
> = makeView(({ kimage, trail }, machine, options) => {
  return [
    `Checks, in the kernel's order`,
    '',
    formatTrail(trail, options),
    '',
    `Physical memory of ${machine.name}, now and when the next kernel starts`,
    '',
    formatMachineMemory(machine, kimage, options),
    '',
    `The CPU enters ${entersPurgatory(kimage) ? 'purgatory ' : ''}at ${hex(kimage.entry)}.`,
  ].join('\n');
});

/** Whether the entry is in purgatory, rather than at another requested address. */
function entersPurgatory({ entry, segments }: Kimage): boolean {
  return segments.some(
    (segment) => segment.name === 'purgatory' && containsAddress(getSegmentRange(segment), entry),
  );
}
