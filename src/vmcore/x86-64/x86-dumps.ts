import { X86_CORE } from '../../machine/x86-64/x86-core-rules.js';
import type { DumpArchitecture } from '../architecture.js';
import { deriveX86AddressSpace, findX86PhysBase } from './x86-address-space.js';
import { X86_GDB } from './x86-gdb.js';

/** `struct user_regs_struct` of arch/x86/include/asm/user_64.h. */
const REGISTERS = [
  ...['r15', 'r14', 'r13', 'r12', 'rbp', 'rbx', 'r11', 'r10', 'r9', 'r8', 'rax', 'rcx', 'rdx', 'rsi', 'rdi'],
  ...['orig_rax', 'rip', 'cs', 'eflags', 'rsp', 'ss', 'fs_base', 'gs_base', 'ds', 'es', 'fs', 'gs'],
];

/** Dumps of x86_64 kernels. */
export const X86_DUMPS: DumpArchitecture = {
  name: X86_CORE.architecture,
  elfMachine: X86_CORE.elfMachine,
  lowestKernelAddress: X86_CORE.lowestKernelAddress,
  machine: 'x86_64',
  registers: {
    names: REGISTERS,
    shown: { rip: 'rip', rsp: 'rsp', rbp: 'rbp', eflags: 'eflags' },
  },
  deriveAddressSpace: deriveX86AddressSpace,
  findPhysBase: (facts) => findX86PhysBase(facts) ?? 0n,
  gdb: X86_GDB,
};
