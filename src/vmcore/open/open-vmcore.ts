import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import type { Codecs } from '../../formats/kdump/page.js';
import { type AddressSpace, addressSpaceOf } from '../address/address-space.js';
import { VirtualMemory } from '../address/virtual-memory.js';
import { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import { readLogBuf } from '../log/log-buf.js';
import type { LogReader } from '../log/log-record.js';
import { readPrintkRing } from '../log/printk-ring.js';
import { type Dump, openDump } from './open-dump.js';

/** A dump, and what makes its memory readable by the kernel's own addresses. */
export interface Vmcore extends Dump {
  readonly vmcoreinfo: VmcoreinfoFacts;
  readonly addressSpace: AddressSpace | undefined;
  readonly virtual: VirtualMemory;
}

/**
 * Opens a vmcore.
 *
 * @param codecs - how pages of a compressed dump are unpacked
 * @throws KexecError, as {@link openDump} refuses.
 */
export function openVmcore(source: ByteSource, codecs: Codecs): Vmcore {
  const dump = openDump(source, codecs);
  const vmcoreinfo = VmcoreinfoFacts.ofNotes(dump.notes);
  const addressSpace = addressSpaceOf(vmcoreinfo);
  return { ...dump, vmcoreinfo, addressSpace, virtual: new VirtualMemory(dump, addressSpace) };
}

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
