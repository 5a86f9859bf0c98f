import { MIB, U64_LIMIT } from '../../base/u64.js';
import { EM_X86_64 } from '../../formats/elf/format.js';
import type { CoreRules } from '../core-rules.js';
import type { X86Machine } from './x86-machine.js';

/** With page tables of five levels, kernel addresses of x86_64 have 56 bits, and the others are set. */
export const X86_CORE: CoreRules<X86Machine> = {
  architecture: 'x86_64',
  elfMachine: EM_X86_64,
  lowestKernelAddress: U64_LIMIT - (1n << 56n),
  hasWholePages: false,
  // The first MiB, which firmware and the next kernel use: prepare_elf_headers().
  findNotDumped: () => [{ start: 0n, end: MIB }],
};
