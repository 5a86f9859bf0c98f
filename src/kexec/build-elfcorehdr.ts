import { writeElfcorehdr } from '../crash/elfcorehdr.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import { findArchitecture } from './architectures.js';

/**
 * Builds the ELF core header for a crash kernel on a machine.
 *
 * @throws KexecError as {@link writeElfcorehdr}.
 */
export function buildElfcorehdr(machine: MachineFacts): Uint8Array {
  return writeElfcorehdr(machine, findArchitecture(machine).elfcorehdr);
}
