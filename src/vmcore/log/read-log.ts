import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { readLogBuf } from './log-buf.js';
import type { LogReader } from './log-record.js';
import { readPrintkRing } from './printk-ring.js';

/** Memory by the kernel's addresses, and the facts that lead to the log in it. */
interface LoggedMemory {
  readonly virtual: VirtualMemory;
  readonly vmcoreinfo: VmcoreinfoFacts;
}

/**
 * Finds the log of the crashed kernel.
 *
 * @throws KexecError: `ENODATA`, `vmcoreinfo`, if VMCOREINFO lacks its address; or as the memory refuses.
 */
export function readLog({ virtual, vmcoreinfo }: LoggedMemory): LogReader {
  if (vmcoreinfo.symbol('prb') !== undefined) return readPrintkRing(virtual, vmcoreinfo);
  if (vmcoreinfo.symbol('log_first_idx') !== undefined) return readLogBuf(virtual, vmcoreinfo);
  return vmcoreinfo.refuseMissing('SYMBOL(prb) or SYMBOL(log_first_idx)');
}
