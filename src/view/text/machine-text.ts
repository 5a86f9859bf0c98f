import { inspectMachine } from '../../inspect/inspect-machine.js';
import type { Machine } from '../../machine/machine-value.js';
import { formatMachineMemory } from '../memory-map/machine-memory-text.js';
import { formatFacts } from './facts-text.js';
import type { ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** What `machine show` prints: the facts about a machine, and its memory map. */
export const formatMachineText: View<[machine: Machine, options?: ViewOptions]> = makeView(
  (machine, options) =>
    [
      formatFacts(inspectMachine(machine), options),
      '',
      formatMachineMemory(machine, undefined, options),
    ].join('\n'),
);
