import type { Machine } from '../../src/machine/machine-value.js';
import { isPreset, PRESETS } from '../../src/machine/presets/presets.js';
import { parseMachine } from '../../src/machine/schema.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';

/** A machine file, or the name of a preset. */
export type ChosenMachine = ChosenFile | keyof typeof PRESETS;

/** The name of a machine for `--machine`. */
export function nameMachine(machine: ChosenMachine): string {
  return typeof machine === 'string' ? machine : machine.name;
}

/** Reads a machine. @throws KexecError, as {@link parseMachine}. */
export function readMachine(machine: ChosenMachine): Machine {
  if (typeof machine !== 'string') return parseMachine(new TextDecoder().decode(readChosenFile(machine)));
  if (!isPreset(machine)) throw new Error(`${machine} is no preset`);
  return PRESETS[machine]();
}
