import { refuse } from '../../base/error.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { readLogBuf } from './log-buf.js';
import type { LogReader } from './log-record.js';
import { readPrintkRing } from './printk-ring.js';

/** Where the log is: memory by the kernel's addresses, and the facts that lead to it. */
interface LoggedMemory {
  readonly virtual: VirtualMemory;
  readonly vmcoreinfo: VmcoreinfoFacts;
}

/**
 * Finds the log of the kernel that crashed.
 *
 * @throws KexecError: `ENODATA`, `vmcoreinfo`, if VMCOREINFO does not tell where it is; else as memory refuses.
 */
export function readLog({ virtual, vmcoreinfo }: LoggedMemory): LogReader {
  if (vmcoreinfo.symbol('prb') !== undefined) return readPrintkRing(virtual, vmcoreinfo);
  if (vmcoreinfo.symbol('log_first_idx') !== undefined) return readLogBuf(virtual, vmcoreinfo);
  refuse(
    'vmcoreinfo',
    'ENODATA',
    vmcoreinfo.lines.OSRELEASE === undefined
      ? 'there is no VMCOREINFO'
      : `VMCOREINFO of ${vmcoreinfo.lines.OSRELEASE} has no SYMBOL(prb), nor SYMBOL(log_first_idx)`,
  );
}
