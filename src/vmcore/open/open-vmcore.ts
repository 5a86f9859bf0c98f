import { type ByteSource, createByteSource } from '../../base/byte-source.js';
import { concatenate, decodeLatin1, encodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { Codecs } from '../../formats/kdump/page.js';
import type { AddressSpace } from '../address/address-space.js';
import { cureMissingVmcoreinfo } from '../address/missing-vmcoreinfo.js';
import { VirtualMemory } from '../address/virtual-memory.js';
import {
  findVmcoreinfoNote,
  MAX_VMCOREINFO_BYTES,
  readVmcoreinfoText,
  VMCOREINFO_NAME,
  VmcoreinfoFacts,
} from '../address/vmcoreinfo.js';
import type { LogRecord } from '../log/log-record.js';
import { readLog } from '../log/read-log.js';
import { findVmcoreinfo } from './find-vmcoreinfo.js';
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
 * @param vmcoreinfo - its text, whose lines precede those of the dump. If it is left out and the dump has none, its
 *   memory is searched for it.
 * @throws KexecError, as {@link openDump}.
 */
export function openVmcore(
  file: ByteSource | Uint8Array,
  codecs: Codecs = portableCodecs,
  vmcoreinfo?: Uint8Array,
): Vmcore {
  const source = file instanceof Uint8Array ? createByteSource(file) : file;
  const opened = openDump(source, codecs);
  const dump =
    vmcoreinfo === undefined
      ? completeVmcoreinfo(opened, source.size)
      : replaceVmcoreinfo(opened, vmcoreinfo);
  const note = findVmcoreinfoNote(dump.notes);
  const facts = new VmcoreinfoFacts(
    note === undefined ? {} : readVmcoreinfoText(note.descriptor),
    cureMissingVmcoreinfo(dump),
  );
  const addressSpace = dump.architecture.deriveAddressSpace(facts);
  const virtual = new VirtualMemory(dump, addressSpace);
  const log: Vmcore['log'] = (onProblem = () => {}) => readLog({ virtual, vmcoreinfo: facts })(onProblem);
  return { ...dump, vmcoreinfo: facts, addressSpace, virtual, log };
}

/** Adds the note that a dump without VMCOREINFO has in its memory, if it is found there. */
function completeVmcoreinfo(dump: Dump, fileSize: bigint): Dump {
  const note = findVmcoreinfoNote(dump.notes);
  if (note !== undefined && readVmcoreinfoText(note.descriptor).OSRELEASE !== undefined) return dump;
  const found = findVmcoreinfo(dump, fileSize);
  if (found === undefined) return dump;
  const remark = `no note has VMCOREINFO; it was found in memory, at physical address ${hex(found.address)}`;
  return {
    ...dump,
    notes: [...dump.notes, { name: VMCOREINFO_NAME, type: 0, descriptor: found.text }],
    remarks: [...dump.remarks, remark],
  };
}

/**
 * Lets the caller's lines of VMCOREINFO precede those of the dump.
 *
 * @throws KexecError `EINVAL`, check `vmcoreinfo`, if there are none.
 */
function replaceVmcoreinfo(dump: Dump, given: Uint8Array): Dump {
  const start = decodeLatin1(given.subarray(0, MAX_VMCOREINFO_BYTES)).indexOf('OSRELEASE=');
  if (start < 0)
    refuse('vmcoreinfo', 'EINVAL', 'the given VMCOREINFO has no line OSRELEASE=', {
      cure: 'give the text of VMCOREINFO, a NAME=value a line, as the note of a dump or makedumpfile -g has it',
    });
  const end = given.indexOf(0, start);
  const text = given.subarray(start, end < 0 ? given.length : end);
  const own = findVmcoreinfoNote(dump.notes);
  // Of two lines with one name, the later counts.
  const descriptor = concatenate([own?.descriptor ?? new Uint8Array(0), encodeLatin1('\n'), text]);
  return {
    ...dump,
    notes: [
      ...dump.notes.filter(({ name }) => name !== VMCOREINFO_NAME),
      { name: VMCOREINFO_NAME, type: 0, descriptor },
    ],
    remarks: [...dump.remarks, 'VMCOREINFO is that of the given file, then that of the dump'],
  };
}
