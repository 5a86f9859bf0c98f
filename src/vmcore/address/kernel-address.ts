import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import type { CoreRules } from '../../machine/core-rules.js';

/**
 * Whether a PT_LOAD is mapped at an address of the kernel. Hypervisors write 0 or the physical address.
 *
 * @param rules - of the core's architecture
 */
export function hasKernelAddress(
  { virtualAddress }: ProgramHeader,
  { lowestKernelAddress }: Pick<CoreRules, 'lowestKernelAddress'>,
): boolean {
  return virtualAddress >= lowestKernelAddress;
}
