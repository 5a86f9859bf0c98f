import type { Range } from '../base/range.js';

/** Kexec Handover (KHO) of a kernel in which it is on: Documentation/admin-guide/mm/kho.rst of Linux. */
export interface HandoverFacts {
  /**
   * The scratch areas, in the order of the kernel's array, which is the order of its searches: one in low memory, one
   * anywhere, then one of each NUMA node.
   */
  readonly scratch: readonly Range[];
  /**
   * The physical address of the page with the running kernel's KHO device tree. The kernel shows it nowhere, so no
   * recording has it; it is left out unless somebody adds it.
   */
  readonly fdt?: bigint;
}
