import { U64_LIMIT } from '../../base/u64.js';
import { EM_AARCH64 } from '../../formats/elf/format.js';
import type { CoreRules } from '../core-rules.js';
import type { Arm64Machine } from './arm64-machine.js';

/** Kernel addresses of arm64 have at most 52 bits, and the others are set. */
export const ARM64_CORE: CoreRules<Arm64Machine> = {
  architecture: 'arm64',
  elfMachine: EM_AARCH64,
  lowestKernelAddress: U64_LIMIT - (1n << 52n),
  hasWholePages: true,
  findNotDumped: () => [],
};
