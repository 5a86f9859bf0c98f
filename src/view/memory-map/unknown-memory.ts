import type { MachineFacts } from '../../machine/machine-facts.js';
import { findRunningMemory, type RunningPart } from '../../machine/running-memory.js';

const NAMES: Readonly<Record<RunningPart, string>> = {
  kernel: '',
  'kernel code': ' code',
  'kernel data': ' data',
  initrd: ' initrd',
  dtb: ' device tree',
};

/**
 * Says what a map of a machine cannot show, because the machine value does not know it.
 *
 * @returns sentences, without line feeds; none if everything is known
 */
export function describeUnknownMemory(machine: MachineFacts): string[] {
  const places = findRunningMemory(machine).unknown.map(namePart);
  return [
    ...(places.length === 0
      ? []
      : [`Unknown: where ${joinNames(places)} ${places.length === 1 ? 'lies' : 'lie'}.`]),
    ...(machine.memorySource === 'device-tree'
      ? ['Unknown: what the running kernel has reserved for itself; only its device tree is known.']
      : []),
  ];
}

/** Names a part. The first name says that it is of the running kernel; those after it say "its". */
function namePart(part: RunningPart, index: number): string {
  if (index > 0) return `its${NAMES[part]}`;
  return part === 'kernel' ? 'the running kernel' : `the running kernel's${NAMES[part]}`;
}

function joinNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
