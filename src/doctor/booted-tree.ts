import { KexecError } from '../base/error.js';
import { parseFdt } from '../formats/fdt/parse.js';
import type { Fdt } from '../formats/fdt/tree.js';
import type { Machine } from '../machine/machine.js';

/** The device tree of a machine as a value, or nothing where it is malformed: a finding of its own tells of that. */
export function bootedTree({ deviceTree }: Machine): Fdt | undefined {
  try {
    return parseFdt(deviceTree);
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}
