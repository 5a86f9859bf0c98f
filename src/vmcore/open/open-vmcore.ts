import { type ByteSource, createByteSource } from '../../base/byte-source.js';
import type { Codecs } from '../../formats/kdump/page.js';
import { type AddressSpace, deriveAddressSpace } from '../address/address-space.js';
import { VirtualMemory } from '../address/virtual-memory.js';
import { VmcoreinfoFacts } from '../address/vmcoreinfo.js';
import type { LogRecord } from '../log/log-record.js';
import { readLog } from '../log/read-log.js';
import { type Dump, openDump } from './open-dump.js';
import { portableCodecs } from './portable-codecs.js';

/** A dump, with memory that can be read by the addresses of the crashed kernel. */
export interface Vmcore extends Dump {
  readonly vmcoreinfo: VmcoreinfoFacts;
  readonly addressSpace: AddressSpace | undefined;
  readonly virtual: VirtualMemory;
  /**
   * Reads the log of the crashed kernel, oldest record first.
   *
   * @param onProblem - called with what cannot be read, as it is found; the rest is still read
   * @throws KexecError, as {@link readLog}.
   */
  log(onProblem?: (problem: string) => void): Generator<LogRecord>;
}

/**
 * Opens a vmcore: an ELF vmcore, a dump that makedumpfile compressed, or either of them flattened.
 *
 * @param file - the whole file, or a source that reads it piece by piece
 * @param codecs - unpack the pages of a compressed dump; {@link portableCodecs} if left out
 * @throws KexecError, as {@link openDump}.
 */
export function openVmcore(file: ByteSource | Uint8Array, codecs: Codecs = portableCodecs): Vmcore {
  const dump = openDump(file instanceof Uint8Array ? createByteSource(file) : file, codecs);
  const vmcoreinfo = VmcoreinfoFacts.ofNotes(dump.notes);
  const addressSpace = deriveAddressSpace(vmcoreinfo);
  const virtual = new VirtualMemory(dump, addressSpace);
  const log: Vmcore['log'] = (onProblem = () => {}) => readLog({ virtual, vmcoreinfo })(onProblem);
  return { ...dump, vmcoreinfo, addressSpace, virtual, log };
}
