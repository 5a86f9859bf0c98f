import { refuse } from '../base/error.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { Architecture } from './architecture.js';
import { ARM64 } from './arm64/arm64-architecture.js';
import { X86_64 } from './x86-64/x86-64-architecture.js';

/** The architectures whose kernels can be loaded. */
export const ARCHITECTURES: readonly Architecture[] = [ARM64, X86_64];

/**
 * The architecture of a machine.
 *
 * @throws KexecError `EINVAL`, check `machine-architecture`, if it is not in the list.
 */
export function findArchitecture(
  { name, architecture }: MachineFacts,
  architectures: readonly Architecture[] = ARCHITECTURES,
): Architecture {
  const found = architectures.find((other) => other.name === architecture);
  if (found !== undefined) return found;
  const known = architectures.map((other) => other.name).join(', ');
  refuse('machine-architecture', 'EINVAL', `${name} has architecture ${architecture}; known are ${known}`);
}
