import type { ByteSource } from '../base/byte-source.js';
import { attempt, KexecError } from '../base/error.js';
import { formatSize } from '../base/sizes.js';
import { ET_CORE } from '../formats/elf/format.js';
import { hasText } from '../formats/foreign/foreign-file.js';
import { FLATTENED_SIGNATURE } from '../formats/kdump/flattened-format.js';
import { KDUMP_SIGNATURE } from '../formats/kdump/format.js';
import type { Codecs } from '../formats/kdump/page.js';
import { hasMagic } from '../formats/magics.js';
import { formatSeconds } from '../trust/x509/der-time.js';
import { findVmcoreinfoNote, readVmcoreinfoText } from '../vmcore/address/vmcoreinfo.js';
import { type Dump, openDump } from '../vmcore/open/open-dump.js';
import { portableCodecs } from '../vmcore/open/portable-codecs.js';
import type { Facts, Inspected } from './facts.js';
import { inspectCore } from './inspect-core.js';

const ELF_CORE = 'ELF core';
const KDUMP = 'compressed kdump dump';
const FLATTENED = 'flattened dump';

/** The kind of a dump that is read here. @param start - its first 32 bytes @returns undefined for other files */
export function findDumpKind(start: Uint8Array): string | undefined {
  if (hasText(start, 0, KDUMP_SIGNATURE)) return KDUMP;
  if (hasText(start, 0, `${FLATTENED_SIGNATURE}\0`)) return FLATTENED;
  return isElfCore(start) ? ELF_CORE : undefined;
}

/** An ELF file with ET_CORE in `e_type`, in either byte order. */
function isElfCore(bytes: Uint8Array): boolean {
  const [low, high] = bytes.subarray(16, 18);
  return hasMagic(bytes, 'elf') && ((low === ET_CORE && high === 0) || (low === 0 && high === ET_CORE));
}

/**
 * Inspects a dump of any size: its format, the kernel that crashed, and how much of memory it has. Only headers and
 * notes are read.
 *
 * @param kind - as {@link findDumpKind} returns it
 * @throws KexecError, as `openDump()`; of an ELF core, check `elf-core` alone.
 */
export function inspectDump(source: ByteSource, kind: string, codecs: Codecs = portableCodecs): Inspected {
  if (kind !== ELF_CORE) return { kind, facts: describeDump(openDump(source, codecs)) };
  const headers = inspectCore(source);
  const dump = headers.description === undefined ? attempt(() => openDump(source, codecs)) : undefined;
  const facts = dump === undefined || dump instanceof KexecError ? {} : describeDump(dump);
  return { kind, facts: { ...facts, ...headers } };
}

function describeDump(dump: Dump): Facts {
  const note = findVmcoreinfoNote(dump.notes);
  const lines = note === undefined ? {} : readVmcoreinfoText(note.descriptor);
  const crashTime = Number(lines.CRASHTIME);
  return {
    format: dump.format,
    flattened: dump.isFlattened,
    release: lines.OSRELEASE ?? 'unknown: it has no VMCOREINFO',
    ...(lines['BUILD-ID'] === undefined ? {} : { buildId: lines['BUILD-ID'] }),
    ...(Number.isSafeInteger(crashTime) ? { crashed: formatSeconds(BigInt(crashTime)) } : {}),
    cpus: dump.notes.filter(({ type, name }) => type === NT_PRSTATUS && name === 'CORE').length,
    ...describeMemory(dump),
    ...(dump.problems.length === 0 ? {} : { problems: dump.problems }),
    remark: 'kexec-file vmcore info says why it crashed, vmcore dmesg prints its log',
  };
}

/** The note of a CPU's registers: include/uapi/linux/elf.h. */
const NT_PRSTATUS = 1;

function describeMemory({ memory }: Dump): Facts {
  const ranges = attempt(() => memory.ranges());
  if (ranges instanceof KexecError) return { memory: `unreadable: ${ranges.seen}` };
  const all = ranges.reduce((sum, { start, end }) => sum + end - start, 0n);
  const present = ranges.reduce((sum, range) => sum + range.present, 0n);
  return { memory: formatSize(all), inFile: formatSize(present) };
}
