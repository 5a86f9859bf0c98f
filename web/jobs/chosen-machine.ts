import type { Machine } from '../../src/machine/machine-value.js';
import { isPreset, PRESETS } from '../../src/machine/presets/presets.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';

/** A machine file, or the name of a preset. */
export type ChosenMachine = ChosenFile | keyof typeof PRESETS;

/** The name of a machine for `--machine`. */
export function nameMachine(machine: ChosenMachine): string {
  return typeof machine === 'string' ? machine : machine.name;
}

/** Reads a machine. @throws KexecError, as `parseMachine()`. */
export async function readMachine(machine: ChosenMachine): Promise<Machine> {
  if (typeof machine !== 'string') {
    // Schemas are built by the worker alone, after it has forbidden them to compile code.
    const { parseMachine } = await import('../../src/machine/schema.js');
    return parseMachine(new TextDecoder().decode(readChosenFile(machine)));
  }
  if (!isPreset(machine)) throw new Error(`${machine} is no preset`);
  return PRESETS[machine]();
}
