import type { Range } from '../base/range.js';
import type { MachineFacts } from './machine-facts.js';

/** What ELF core headers and cores of an architecture's kernels have in common. */
export interface CoreRules<M extends MachineFacts = MachineFacts> {
  /** The kernel's name for the architecture, as in `machine.architecture`. */
  readonly architecture: M['architecture'];
  /** `e_machine`. */
  readonly elfMachine: number;
  /** The lowest virtual address of a kernel, of any size of address spaces. */
  readonly lowestKernelAddress: bigint;
  /** Whether ranges of RAM begin and end on pages; otherwise the kernel dumps them to the byte. */
  readonly hasWholePages: boolean;
  /** RAM that is never dumped, beside the crash regions. */
  findNotDumped(machine: M): readonly Range[];
}
