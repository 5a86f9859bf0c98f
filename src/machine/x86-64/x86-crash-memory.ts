import { totalSize } from '../../base/range.js';
import { alignUp, GIB, KIB, MIB } from '../../base/u64.js';
import type { CrashMemoryRules } from '../crash-memory-rules.js';
import { listRam } from '../machine-facts.js';
import type { X86Machine } from './x86-machine.js';

/** An ELF core header with room for 8192 CPUs and 8192 ranges, purgatory, and the boot parameters. */
const HEADERS_SIZE = MIB + 64n * KIB;

const PAGE_SIZE = 4n * KIB;

/**
 * What crash kernels of x86_64 take. The page tables for the jump lie in the crash region, too (`init_pgtable()`): a page for each
 * GiB of RAM, unless the CPUs have pages of 1 GiB.
 */
export function findX86CrashMemory(machine: X86Machine): CrashMemoryRules {
  const tables =
    machine.x86.gigabytePages === true ? 0n : (alignUp(totalSize(listRam(machine)), GIB) / GIB) * PAGE_SIZE;
  return {
    kernelSizeField: 'init_size',
    kernelAlignment: 2n * MIB,
    beside: {
      what: 'boot parameters and ELF core header',
      bytes: HEADERS_SIZE + tables,
      why: `at most, with purgatory${tables === 0n ? '' : ' and a page of tables for each GiB of RAM'}`,
    },
    usualCma: 0n,
    usualSizes: [
      { from: 64n * GIB, bytes: 512n * MIB },
      { from: 2n * GIB, bytes: 256n * MIB },
    ],
  };
}
