import { attemptAsync, type KexecError } from '../../src/base/error.js';
import { MAX_FILE_BYTES } from '../../src/machine/collect/sources.js';
import { MACHINE_NAME } from '../../src/machine/fleet/file-names.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { type ChosenFile, readChosenFiles } from './chosen-file.js';
import { type ChosenItem, isFolder } from './chosen-folder.js';
import { readMachine } from './chosen-machine.js';

/** What was read of a machine: the bytes of its machine file, itself, or why it cannot be read. */
export type FleetRead = Uint8Array | Machine | KexecError;

/** Files that are read as one have at most so many bytes together, unless it is one alone. */
const MAX_READ_BYTES = 4 << 20;

/** Reads machines in their order: some at once, and the next while the caller works on these. */
export async function* readFleetFiles(
  items: readonly ChosenItem[],
): AsyncGenerator<readonly (readonly [ChosenItem, FleetRead])[]> {
  let reading: ReturnType<typeof readGroup> = Promise.resolve([]);
  for (const group of [...splitBySize(items), []]) {
    const machines = await reading;
    reading = readGroup(group);
    if (machines.length > 0) yield machines;
  }
}

function splitBySize(items: readonly ChosenItem[]): ChosenItem[][] {
  const groups: ChosenItem[][] = [];
  let left = 0;
  for (const item of items) {
    if (groups.length === 0 || item.size > left) {
      groups.push([]);
      left = MAX_READ_BYTES;
    }
    groups.at(-1)?.push(item);
    left -= item.size;
  }
  return groups;
}

async function readGroup(items: readonly ChosenItem[]): Promise<(readonly [ChosenItem, FleetRead])[]> {
  const files = items.filter(isMachineFile);
  const bytes = new Map<ChosenItem, FleetRead>();
  for (const [index, read] of (await readChosenFiles(files)).entries())
    bytes.set(files[index] as ChosenFile, read);
  return Promise.all(
    items.map(
      async (item) => [item, bytes.get(item) ?? (await attemptAsync(() => readMachine(item)))] as const,
    ),
  );
}

/** Larger ones are refused where they are read alone. */
function isMachineFile(item: ChosenItem): item is ChosenFile {
  return !isFolder(item) && MACHINE_NAME.test(item.name) && item.size <= MAX_FILE_BYTES;
}
