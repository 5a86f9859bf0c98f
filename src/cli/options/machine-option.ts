import { type ChosenMachine, chooseMachine, DEFAULT_PRESET } from '../../node/live/choose-machine.js';
import { complain } from '../terminal/complain.js';

/** How a command chooses its machine, for help. */
export const MACHINE_DEFAULT = `Without --machine it is this machine, if it runs Linux for arm64 or x86_64, else the preset ${DEFAULT_PRESET}, QEMU's virt board with
2 GiB of RAM. The first line names it.`;

/** Chooses the machine, and says on standard error which facts of this machine only root can read. */
export async function findOptionMachine(name: string | undefined): Promise<ChosenMachine> {
  const chosen = await chooseMachine(name);
  const { denied = [] } = chosen;
  if (denied.length > 0)
    complain(
      `facts of this machine that only root can read are unknown (${denied.join(', ')}): run it as root`,
    );
  return chosen;
}

/** Says where a load goes, and how that was chosen: `this machine (server1)`. */
export function describePlace({ machine: { name }, by }: ChosenMachine): string {
  if (by === 'host') return `this machine (${name})`;
  return by === 'default' ? `${name} (the preset; --machine names another)` : name;
}
