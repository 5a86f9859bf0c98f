import { ET_CORE, ET_DYN, ET_EXEC, ET_REL } from './format.js';

/** `e_type`, in words. */
const TYPES: Readonly<Record<number, string>> = {
  [ET_REL]: 'object file',
  [ET_EXEC]: 'executable',
  [ET_DYN]: 'executable or shared library',
  [ET_CORE]: 'core',
};

/** `e_machine` of the architectures that Linux runs on: System V gABI, chapter "Object Files". */
const MACHINES: Readonly<Record<number, string>> = {
  3: '32-bit x86',
  8: 'MIPS',
  20: '32-bit PowerPC',
  21: 'PowerPC',
  22: 's390',
  40: '32-bit Arm',
  43: 'SPARC V9',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
  258: 'LoongArch',
};

/** Describes `e_type`: "executable". */
export function describeElfType(type: number): string {
  return TYPES[type] ?? `file of type ${type}`;
}

/** Describes `e_machine`: "x86-64". */
export function describeElfMachine(machine: number): string {
  return MACHINES[machine] ?? `machine ${machine}`;
}
