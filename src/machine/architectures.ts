import { attempt, KexecError } from '../base/error.js';
import { GIB, MIB } from '../base/u64.js';
import type { Fdt } from '../formats/fdt/tree.js';
import type { MachineArchitecture } from './architecture.js';
import { ARM64_CORE } from './arm64/arm64-core-rules.js';
import type { Arm64Machine } from './arm64/arm64-machine.js';
import { ARM64_MACHINES } from './arm64/arm64-machine-architecture.js';
import type { CoreRules } from './core-rules.js';
import type { MachineFacts } from './machine-facts.js';
import type { Machine } from './machine-value.js';
import { X86_CORE } from './x86-64/x86-core-rules.js';
import type { X86Machine } from './x86-64/x86-machine.js';
import { X86_MACHINES } from './x86-64/x86-machine-architecture.js';

const ARCHITECTURES: readonly MachineArchitecture[] = [ARM64_MACHINES, X86_MACHINES];

/** The cores of each architecture. */
export const CORE_RULES: readonly CoreRules[] = [ARM64_CORE, X86_CORE];

/** What is assumed of an architecture that is not listed: the kernel's generic code, and no device tree. */
const OTHER: MachineArchitecture = {
  name: 'other',
  bootsWithTree: true,
  readUefiBoot: () => undefined,
  imaTakesStubMode: false,
  readStubSecureBoot: () => undefined,
  readBootTree: () => undefined,
  findBootTreeRange: () => undefined,
  getBootTreeBytes: () => undefined,
  verifierOption: undefined,
  adoptPlaces: (machine) => machine,
  readCpuStart: ({ possibleCpus }) => ({ possibleCpus, methods: [], needsFirmware: true }),
  findCrashkernelRules: () => ({
    suffixes: [',high', ',low', ',cma'],
    hasHigh: true,
    reservesCma: true,
    fallsBackToHigh: true,
    defaultLowSize: 128n * MIB,
    lowLimit: 4n * GIB,
    alignment: 2n * MIB,
    ramStep: 128n * MIB,
  }),
  findCrashMemoryRules: () => ({
    kernelSizeField: 'image_size',
    kernelAlignment: 2n * MIB,
    beside: { what: 'device tree and ELF core header', bytes: 4n * MIB, why: 'at most' },
    usualCma: 0n,
    usualSizes: [],
  }),
  describe: () => ({}),
};

/** The answers of a machine's architecture. */
export function findMachineArchitecture({ architecture }: MachineFacts): MachineArchitecture {
  return ARCHITECTURES.find(({ name }) => name === architecture) ?? OTHER;
}

/** The device tree of a machine; undefined if it has none or if it is malformed, which the subject `device-tree` reports. */
export function readBootTree(machine: MachineFacts): Fdt | undefined {
  const tree = attempt(() => findMachineArchitecture(machine).readBootTree(machine));
  return tree instanceof KexecError ? undefined : tree;
}

/** Whether a machine was booted with a device tree, in whose place a load can put a board's. */
export function hasBootTree(machine: Machine): machine is Arm64Machine {
  return machine.architecture === ARM64_MACHINES.name;
}

/** Whether the kernel of a machine has a purgatory of its own, which a load of it needs. */
export function hasKernelPurgatory(machine: Machine): machine is X86Machine {
  return machine.architecture === X86_MACHINES.name;
}
