import { U64_LIMIT } from '../../base/u64.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';

/** Kernel addresses of arm64 have at most 52 bits, and the others are set. */
const LOWEST_KERNEL_ADDRESS = U64_LIMIT - (1n << 52n);

/** Whether a PT_LOAD is mapped at an address of the kernel. Hypervisors write 0 or the physical address. */
export function hasKernelAddress({ virtualAddress }: ProgramHeader): boolean {
  return virtualAddress >= LOWEST_KERNEL_ADDRESS;
}
