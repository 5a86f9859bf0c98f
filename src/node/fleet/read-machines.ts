import { attemptAsync, KexecError } from '../../base/error.js';
import { openFleetMachine } from '../../machine/fleet/fleet-reader.js';
import type { Machine } from '../../machine/machine-value.js';
import { isPreset, PRESETS } from '../../machine/presets/presets.js';
import { readMachine } from '../collect/machine-file.js';
import { readFleet } from './read-fleet.js';

/** A machine and its file, or why it cannot be read. */
export interface ReadMachine {
  readonly file: string;
  readonly machine: Machine | KexecError;
}

/**
 * Reads machines one after the other.
 *
 * @param files - presets, machine files, tars, folders of collected files, and fleet files
 * @param streams - those among them that are read machine by machine
 */
export async function* readMachines(
  files: readonly string[],
  streams: ReadonlySet<string>,
): AsyncGenerator<ReadMachine> {
  for (const file of files) {
    if (!streams.has(file)) {
      yield { file, machine: isPreset(file) ? PRESETS[file]() : await attemptAsync(() => readMachine(file)) };
      continue;
    }
    for await (const items of readFleet(file)) {
      for (const { file: own, machine } of items) {
        const opened =
          machine instanceof KexecError || !('template' in machine)
            ? machine
            : await attemptAsync(async () => openFleetMachine(machine));
        yield { file: own, machine: opened };
      }
    }
  }
}
