import { attemptAsync, KexecError, refusalArguments } from '../../base/error.js';
import type { Machine } from '../../machine/machine-value.js';
import { findHostArchitecture, type Host } from '../collect/host-architecture.js';
import { findMachine } from '../plan/find-machine.js';

/** The preset to plan for where no machine is named, and this one cannot be recorded. */
export const DEFAULT_PRESET = 'qemu-virt';

/** The presets that stand in for a machine of an architecture. */
const STAND_INS = { arm64: DEFAULT_PRESET, x86_64: 'qemu-q35' } as const;

/** A machine, and how it was chosen: by name, as the one that this runs on, or as the preset for want of both. */
export interface ChosenMachine {
  readonly machine: Machine;
  readonly by: 'name' | 'host' | 'default';
  /** The facts of this machine that could not be read for want of permission. */
  readonly denied?: readonly string[];
}

/** What the choice depends on. */
export interface MachineSources {
  readonly host: Host;
  /** Records the machine that this runs on. */
  readonly record: () => Machine | Promise<Machine>;
}

const THIS_HOST: MachineSources = {
  host: process,
  record: async () => (await import('../collect/record-this-machine.js')).recordThisMachine(),
};

/**
 * Chooses the machine to plan for: the named one, else this machine if it runs Linux for arm64 or x86_64, as a load
 * does, else a preset.
 *
 * @param name - a preset or the path of a machine file
 * @throws KexecError as `findMachine()` and `recordThisMachine()`: no other machine stands in for this one if it cannot be
 *   read.
 */
export async function chooseMachine(
  name: string | undefined,
  { host, record }: MachineSources = THIS_HOST,
): Promise<ChosenMachine> {
  if (name !== undefined) return { machine: await findMachine(name), by: 'name' };
  const architecture = findHostArchitecture(host);
  if (architecture === undefined) return { machine: await findMachine(DEFAULT_PRESET), by: 'default' };
  const machine = await attemptAsync(async () => record());
  if (machine instanceof KexecError) throw nameWayOut(machine, STAND_INS[architecture]);
  const { DENIED } = await import('../../machine/collect/sources.js');
  const denied = machine.unknown?.filter(({ reason }) => reason === DENIED).map(({ fact }) => fact);
  return { machine, by: 'host', denied: denied ?? [] };
}

function nameWayOut(cause: KexecError, preset: string): KexecError {
  const cure = `run it as root, so that this machine can be read, or name another: --machine FILE, --machine ${preset}`;
  return new KexecError(
    ...refusalArguments(cause.kind, `this machine cannot be read: ${cause.seen}`, { cause, cure }),
  );
}
