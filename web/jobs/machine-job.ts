import type { Facts } from '../../src/inspect/facts.js';
import { inspectMachine } from '../../src/inspect/inspect-machine.js';
import { html } from '../../src/view/html/html.js';
import { buildMemoryRows, type MemoryRow } from '../../src/view/memory-map/map-rows.js';
import { formatFirmwareMaps } from '../../src/view/plan-page/firmware-maps.js';
import { formatMemoryBelow } from '../../src/view/plan-page/plan-page.js';
import type { ChosenItem } from './chosen-folder.js';
import { isCollected, readMachine } from './chosen-machine.js';

/** A machine, for people. */
export interface ShownMachine {
  /** Undefined for a machine file, whose facts are those of the file. */
  readonly facts: Facts | undefined;
  readonly name: string;
  readonly memory: readonly MemoryRow[];
  /** What stands below the picture of memory, as markup in which all texts are escaped. */
  readonly below: string;
  /** The machine file. */
  readonly file: string;
}

/** Shows a machine, as `kexec-file machine show` does; one in collected files is recorded before. */
export async function showChosenMachine(item: ChosenItem): Promise<ShownMachine> {
  const machine = await readMachine(item);
  const { formatMachine } = await import('../../src/machine/schema.js');
  const memory = buildMemoryRows(machine);
  return {
    facts: isCollected(item) ? inspectMachine(machine) : undefined,
    name: machine.name,
    memory,
    below: html`${formatMemoryBelow(machine, memory)}${formatFirmwareMaps(machine)}`.markup,
    file: formatMachine(machine),
  };
}
