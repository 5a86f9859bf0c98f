import { ARM64_CORE } from '../../machine/arm64/arm64-core-rules.js';
import type { DumpArchitecture } from '../architecture.js';
import { deriveArm64AddressSpace } from './arm64-address-space.js';
import { ARM64_GDB } from './arm64-gdb.js';

/** `struct user_pt_regs`: x0 to x30, and what follows them. */
const REGISTERS = [...Array.from({ length: 31 }, (_, number) => `x${number}`), 'sp', 'pc', 'pstate'];

/** Dumps of arm64 kernels. */
export const ARM64_DUMPS: DumpArchitecture = {
  name: ARM64_CORE.architecture,
  elfMachine: ARM64_CORE.elfMachine,
  lowestKernelAddress: ARM64_CORE.lowestKernelAddress,
  machine: 'aarch64',
  registers: {
    names: REGISTERS,
    shown: { pc: 'pc', lr: 'x30', sp: 'sp', pstate: 'pstate' },
  },
  deriveAddressSpace: deriveArm64AddressSpace,
  findPhysBase: (facts) => facts.number('PHYS_OFFSET') ?? 0n,
  gdb: ARM64_GDB,
};
