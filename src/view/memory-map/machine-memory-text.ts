import type { Kimage } from '../../kexec/kimage.js';
import type { Machine } from '../../machine/machine-value.js';
import { Layout, type ViewOptions } from '../text/layout.js';
import { makeView, type View } from '../text/make-view.js';
import { buildMemoryRows } from './map-rows.js';
import { formatMemoryMap } from './map-text.js';
import { describeUnknownMemory } from './unknown-memory.js';

/** The memory map of a machine, and what is loaded into it; below it, what the map cannot show. */
export const formatMachineMemory: View<[machine: Machine, kimage?: Kimage, options?: ViewOptions]> = makeView(
  (machine, kimage, options) => {
    const layout = new Layout(options);
    const unknown = describeUnknownMemory(machine);
    return [
      formatMemoryMap(buildMemoryRows(machine, kimage), options),
      ...(unknown.length === 0 ? [] : ['']),
      ...unknown.map((sentence) => layout.line(`  ${sentence}`, 4)),
    ].join('\n');
  },
);
