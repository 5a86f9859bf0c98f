import { createHash } from 'node:crypto';
import { attempt, KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { buildElfcorehdr } from '../../kexec/build-elfcorehdr.js';
import { listRam } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';

/**
 * A digest of what a crash kernel learns of the machine: the CPUs, the RAM and the kernel in its ELF core header. If
 * the machine's facts do not suffice for one, because its kernel builds the header by itself and hides them, of the RAM.
 *
 * @returns SHA-256, in hexadecimal digits
 */
export function digestLayout(machine: Machine): string {
  const header = attempt(() => buildElfcorehdr(machine));
  return createHash('sha256')
    .update(header instanceof KexecError ? describeRam(machine) : header)
    .digest('hex');
}

function describeRam(machine: Machine): string {
  return listRam(machine)
    .map(({ start, end }) => `${hex(start)}-${hex(end)}\n`)
    .join('');
}
