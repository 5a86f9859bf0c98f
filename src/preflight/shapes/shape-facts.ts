import type { Arm64Facts } from '../../machine/arm64/arm64-machine.js';
import type { KernelFacts, MachineFacts } from '../../machine/machine-facts.js';
import type { X86Facts } from '../../machine/x86-64/x86-machine.js';

/** Facts of a machine, by the part of it that has them. */
interface FactNames {
  readonly machine: readonly (keyof MachineFacts)[];
  readonly kernel: readonly (keyof KernelFacts)[];
  readonly arm64: readonly (keyof Arm64Facts)[];
  readonly x86: readonly (keyof X86Facts)[];
}

/**
 * The facts that no load reads, whatever its options: machines that differ in these alone have the same shape. All
 * others belong to the shape, those that are read only for the words of a refusal among them; so a fact that is new
 * belongs to it until it is listed here. test/preflight/shapes holds the list against the facts that loads read.
 */
export const FACTS_OUTSIDE: FactNames = {
  // Refusals contain the name. It is put into the outcome of a shape for each of its machines.
  machine: ['name', 'systemVendor', 'systemProduct', 'firmware', 'kernelImage'],
  kernel: ['selinuxEnforcing'],
  arm64: ['enableMethods'],
  x86: ['bootApicId', 'tdxGuest'],
};

/** Facts of the kernel of which only one value decides: machines with any others, or none, have the same shape. */
export const DECIDING_VALUES: Partial<KernelFacts> = {
  kexecLoadDisabled: true,
  kexecLoadLimitReboot: 0,
  kexecLoadLimitPanic: 0,
};
