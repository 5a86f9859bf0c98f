import { attempt, KexecError, refuse } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import { isPreset, PRESETS } from '../../machine/presets/presets.js';

/**
 * Finds the machine of a name.
 *
 * @param name - a preset, such as `qemu-virt`, or the path of a machine file
 * @throws KexecError check `machine-schema`: the file describes no machine; `file-access`: it cannot be read.
 */
export async function findMachine(name: string): Promise<Machine> {
  if (isPreset(name)) return PRESETS[name]();
  const { readMachineFile } = await import('../collect/machine-file.js');
  const machine = attempt(() => readMachineFile(name));
  if (!(machine instanceof KexecError)) return machine;
  if (machine.check === 'machine-schema') throw machine.with(`${name}: ${machine.seen}`);
  if (machine.errno === 'EISDIR') refuseFolder(name, machine);
  if (machine.errno !== 'ENOENT' || name === '') throw machine;
  refuseUnknownMachine(name, machine);
}

/** A folder, or a tar, has what a machine is recorded from. */
function refuseFolder(name: string, cause: KexecError): never {
  refuse('file-access', 'EISDIR', `cannot read ${name}: it is a folder, and no machine file`, {
    cause,
    cure: `if it has the files that the collector wrote, record the machine: kexec-file machine record --from ${name} -o machine.json`,
  });
}

/** @throws KexecError `ENOENT`, check `file-access`: nothing has that name. */
export function refuseUnknownMachine(name: string, cause: KexecError): never {
  refuse(
    'file-access',
    'ENOENT',
    `${name} is no preset (${Object.keys(PRESETS).join(', ')}), and there is no machine file of that name`,
    { cause },
  );
}
