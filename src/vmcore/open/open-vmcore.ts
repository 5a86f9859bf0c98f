import type { ByteSource } from '../../base/byte-source.js';
import type { Codecs } from '../../formats/kdump/page.js';
import { type AddressSpace, deriveAddressSpace } from '../address/address-space.js';
import { VirtualMemory } from '../address/virtual-memory.js';
import { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
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
  const addressSpace = deriveAddressSpace(vmcoreinfo);
  return { ...dump, vmcoreinfo, addressSpace, virtual: new VirtualMemory(dump, addressSpace) };
}
