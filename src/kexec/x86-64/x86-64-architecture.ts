import { isBuiltIn } from '../../machine/kernel-config.js';
import { findFreeRanges } from '../../machine/machine-facts.js';
import { X86_CORE } from '../../machine/x86-64/x86-core-rules.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import type { Architecture } from '../architecture.js';
import { loaderHas } from '../running-kernel.js';
import { BZIMAGE_LOADER } from './bzimage-loader.js';
import { measureBzimage } from './measure-bzimage.js';
import { findNextE820 } from './next-e820.js';
import { buildPvhElf } from './pvh/pvh-elf.js';

/** `MAXMEM` by the levels of the page tables: `KEXEC_DESTINATION_MEMORY_LIMIT` is one below. */
const MAXMEM = { four: 1n << 46n, five: 1n << 52n };

const KEEPS_MEMBLOCK = 'ARCH_KEEP_MEMBLOCK';

/** Whether the running kernel keeps memblock; undefined if its configuration is unknown: then, as on most, it does not. */
function keepsMemblock({ kernel }: X86Machine): boolean | undefined {
  return isBuiltIn(kernel?.config, KEEPS_MEMBLOCK);
}

/** x86_64, as Linux 6.12 and 7.3 load kernels on it. */
export const X86_64: Architecture<X86Machine> = {
  name: 'x86_64',
  loaders: [BZIMAGE_LOADER],
  ruleNames: ['mainline', '6.12', '7.3'],
  findDestinationLimit: ({ x86 }) => (x86.fiveLevels === true ? MAXMEM.five : MAXMEM.four) - 1n,
  randomWindow: { start: 0n, end: MAXMEM.four },
  elfcorehdr: X86_CORE,
  // Every release that matters has both system calls.
  checkCall: () => undefined,

  /**
   * The kernel walks the resources of /proc/iomem, whose children count as free: segments are copied only at the jump. One that
   * keeps memblock walks what is free there.
   */
  findDestinations: (machine) =>
    machine.x86.freeMemblock ?? (keepsMemblock(machine) === true ? findFreeRanges(machine) : machine.memory),

  measureKernel: measureBzimage,

  findSearchedMap(machine) {
    const keeps = keepsMemblock(machine);
    if (machine.x86.freeMemblock !== undefined) return { name: 'memblock', isExact: true };
    if (keeps === true) return { name: 'memblock', isExact: false };
    return { name: 'iomem', isExact: true, ...(keeps === undefined ? { undecidedBy: KEEPS_MEMBLOCK } : {}) };
  },

  findNextMap: findNextE820,
  buildBootFile: (kimage, { memory }) => buildPvhElf(kimage, memory),
  searchesUpwards: (load) => !loaderHas(load, 'ram-from-top'),
};
