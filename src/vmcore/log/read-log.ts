import { refuse } from '../../base/error.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { readLogBuf } from './log-buf.js';
import type { LogReader } from './log-record.js';
import { readPrintkRing } from './printk-ring.js';

/**
 * Finds the log of the kernel that crashed.
 *
 * @throws KexecError: `ENODATA`, `vmcoreinfo`, if VMCOREINFO does not tell where it is; else as memory refuses.
 */
export function readLog({ virtual, vmcoreinfo }: Vmcore): LogReader {
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
