import { refuse } from '../base/error.js';
import { areInOrder } from '../base/range.js';
import { formatSize } from '../base/sizes.js';
import { listRam, type MachineFacts } from './machine-facts.js';

/** The most values of a machine. Real ones have hundreds; each range of memory has three. */
export const MAX_VALUES = 1 << 18;

/** The most characters in all texts of a machine. Real ones have a few thousand. */
export const MAX_CHARACTERS = 1 << 20;

/**
 * The most bytes in all binary facts of a machine: a device tree of at most 2 MiB, and EFI variables of some 100 KiB.
 */
const MAX_BYTES = 1 << 22;

/**
 * Checks what the types of a machine do not say: its ranges of RAM are in order and apart, and it is no larger than a
 * machine file may be. Whatever makes a machine of data checks it, so that each can be written to a file and read
 * again.
 *
 * @throws KexecError `EINVAL`, check `machine-schema`.
 */
export function checkMachine(machine: MachineFacts): void {
  const { values, characters, bytes } = measureMachine(machine);
  const seen =
    values > MAX_VALUES
      ? `it has more than ${MAX_VALUES} values`
      : characters > MAX_CHARACTERS
        ? `it has texts of more than ${MAX_CHARACTERS} characters in all`
        : bytes > MAX_BYTES
          ? `its device tree and EFI variables have more than ${formatSize(BigInt(MAX_BYTES))} in all`
          : areInOrder(listRam(machine))
            ? undefined
            : 'ranges of its RAM overlap';
  if (seen !== undefined) refuse('machine-schema', 'EINVAL', `${machine.name.slice(0, 80)}: ${seen}`);
}

interface MachineSize {
  readonly values: number;
  readonly characters: number;
  readonly bytes: number;
}

/** Counts what a machine has, up to the first limit that it exceeds. */
function measureMachine(machine: MachineFacts): MachineSize {
  const size = { values: 0, characters: 0, bytes: 0 };
  const left: unknown[] = [machine];
  while (left.length > 0 && size.values <= MAX_VALUES) {
    const value = left.pop();
    size.values += 1;
    if (typeof value === 'string') size.characters += value.length;
    else if (value instanceof Uint8Array) size.bytes += value.length;
    else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) left.push(inner);
    }
  }
  return size;
}
