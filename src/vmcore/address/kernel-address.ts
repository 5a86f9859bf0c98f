import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import { ARM64_CORE } from '../../machine/arm64/arm64-core-rules.js';
import type { CoreRules } from '../../machine/core-rules.js';

/**
 * Whether a PT_LOAD is mapped at an address of the kernel. Hypervisors write 0 or the physical address.
 *
 * @param rules - of the core's architecture. Default: arm64's
 */
export function hasKernelAddress(
  { virtualAddress }: ProgramHeader,
  { lowestKernelAddress }: Pick<CoreRules, 'lowestKernelAddress'> = ARM64_CORE,
): boolean {
  return virtualAddress >= lowestKernelAddress;
}
