import { hasMagic } from '../../src/formats/magics.js';
import { isTar } from '../../src/formats/tar.js';
import { TAR_NAME } from '../../src/machine/collect/collected-files.js';
import { recordTar } from '../../src/machine/collect/collected-tar.js';
import { recordFiles } from '../../src/machine/collect/record-files.js';
import { MAX_FILE_BYTES } from '../../src/machine/collect/sources.js';
import { refuseLargerFile } from '../../src/machine/collect/unpack-collected.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { isPreset, PRESETS } from '../../src/machine/presets/presets.js';
import { readChosenFile, readChosenStart } from './chosen-file.js';
import { type ChosenItem, isFolder } from './chosen-folder.js';

/** A machine file, a collector's tar, a folder of collected files, or the name of a preset. */
export type ChosenMachine = ChosenItem | keyof typeof PRESETS;

/** The name of a machine for `--machine`, which takes machine files: that of one to be recorded, for a tar or a folder. */
export function nameMachine(machine: ChosenMachine): string {
  if (typeof machine === 'string') return machine;
  return isCollected(machine) ? `${machine.name.replace(TAR_NAME, '')}.json` : machine.name;
}

/** The command that makes the machine file of {@link nameMachine}; none if there is one already. */
export function formatRecording(machine: ChosenMachine): string[][] {
  if (typeof machine === 'string' || !isCollected(machine)) return [];
  return [['machine', 'record', `--from=${machine.name}`, '-o', nameMachine(machine)]];
}

/** Whether a machine is still in the files that were collected on it, by its name. */
export function isCollected(machine: ChosenItem): boolean {
  return isFolder(machine) || TAR_NAME.test(machine.name);
}

/** Reads a machine. @throws KexecError, as `parseMachineFile()`, `recordTar()` and `recordFiles()`. */
export async function readMachine(machine: ChosenMachine): Promise<Machine> {
  if (typeof machine === 'string') {
    if (!isPreset(machine)) throw new Error(`${machine} is no preset`);
    return PRESETS[machine]();
  }
  if (machine.size > MAX_FILE_BYTES) refuseLargerFile(machine.name, MAX_FILE_BYTES);
  if (isFolder(machine)) {
    const files = machine.members.map(({ name, file }) => [name, readChosenFile(file)] as const);
    return recordFiles(machine.name, new Map(files));
  }
  const bytes = await readChosenStart(machine, MAX_FILE_BYTES);
  if (hasMagic(bytes, 'gzip') || isTar(bytes)) return recordTar(machine.name, bytes);
  // Schemas are built by the worker alone, after it has forbidden them to compile code.
  const { parseMachineFile } = await import('../../src/machine/parse-machine-file.js');
  return parseMachineFile(bytes);
}
