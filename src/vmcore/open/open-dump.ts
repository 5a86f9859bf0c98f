import type { ByteSource } from '../../base/byte-source.js';
import { decodeLatin1, describeStart } from '../../base/bytes.js';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { maximum, minimum, U64_LIMIT } from '../../base/u64.js';
import { readCoreHeaders, readElfMachine } from '../../formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../../formats/elf/format.js';
import type { ElfNote } from '../../formats/elf/notes.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import { nameAnyFile } from '../../formats/foreign/name-file.js';
import { FOREIGN_DUMP_BYTES, nameForeignDump } from '../../formats/foreign-dumps.js';
import { readFlattened } from '../../formats/kdump/flattened.js';
import { FLATTENED_SIGNATURE } from '../../formats/kdump/flattened-format.js';
import { KDUMP_SIGNATURE } from '../../formats/kdump/format.js';
import { readKdumpHeader } from '../../formats/kdump/header.js';
import type { Codecs } from '../../formats/kdump/page.js';
import { hasMagic } from '../../formats/magics.js';
import { hasKernelAddress } from '../address/kernel-address.js';
import type { DumpArchitecture } from '../architecture.js';
import { findDumpArchitecture } from '../architectures.js';
import { parseDumpNotes, readCoreNotes } from './core-notes.js';
import type { DumpMemory } from './dump-memory.js';
import { ElfMemory } from './elf-memory.js';
import { KdumpMemory } from './kdump-memory.js';

/** /proc/kcore has it for memory that is mapped page by page: modules, vmalloc, `struct page` (fs/proc/kcore.c). */
const NO_PHYSICAL_ADDRESS = U64_LIMIT - 1n;

/** A dump of any format: its notes, and physical memory. */
export interface Dump {
  readonly format: 'ELF' | 'kdump-compressed';
  /** What depends on the architecture of the kernel that crashed. */
  readonly architecture: DumpArchitecture;
  /** Whether the file is in makedumpfile's flattened form. */
  readonly isFlattened: boolean;
  /** The pages that were left out when it was saved, as a number of makedumpfile's -d; undefined for ELF. */
  readonly dumpLevel?: number;
  readonly notes: readonly ElfNote[];
  readonly memory: DumpMemory;
  /** The PT_LOADs of an ELF file; a compressed dump has none. */
  readonly loads: readonly ProgramHeader[];
  /** What is missing or damaged; the rest can be read. */
  readonly problems: readonly string[];
  /** What is unusual about the file, but loses nothing: how its producer wrote it. */
  readonly remarks: readonly string[];
  /** Whether it has the marks of a dump of a hypervisor, which knows neither the kernel's release nor its addresses. */
  readonly isOfHypervisor: boolean;
}

/**
 * Opens a dump: an ELF vmcore, a compressed dump, or either of them flattened. Reads only headers and notes; memory is
 * read on demand.
 *
 * @param codecs - unpack the pages of a compressed dump
 * @throws KexecError: `ENOEXEC`, `dump-kind`, for another file; or the refusal of the file's format.
 */
export function openDump(source: ByteSource, codecs: Codecs): Dump {
  if (!startsWith(readStart(source), FLATTENED_SIGNATURE)) return openPlain(source, codecs);
  const { source: inOrder, isWhole } = readFlattened(source);
  const dump = isWhole ? openPlain(inOrder, codecs) : openCutShort(inOrder, codecs);
  const problems = isWhole ? [] : ['the flattened dump is cut short: it has no end mark'];
  return { ...dump, isFlattened: true, problems: [...problems, ...dump.problems] };
}

/** A stream that kexec-file did not complete lacks what makes it a dump, which is written last. */
function openCutShort(source: ByteSource, codecs: Codecs): Dump {
  const dump = attempt(() => openPlain(source, codecs));
  if (!(dump instanceof KexecError)) return dump;
  refuse(
    'kdump-flattened',
    'EINVAL',
    'it is cut short: it has neither an end mark nor the header of a dump',
    {
      cause: dump,
      cure: 'save the dump again: what wrote the stream, or what carried it, has failed',
    },
  );
}

function openPlain(source: ByteSource, codecs: Codecs): Dump {
  const start = readStart(source);
  if (hasMagic(start, 'elf')) return openElf(source);
  if (startsWith(start, KDUMP_SIGNATURE)) return openKdump(source, codecs);
  const foreign = nameForeignDump(start);
  if (foreign !== undefined)
    refuse('dump-kind', 'ENOEXEC', `the file is ${foreign.name}, not a dump`, { cure: foreign.cure });
  const name = nameAnyFile(start);
  const is = name === undefined ? describeStart(start.subarray(0, 8)) : `is ${name}`;
  const seen = `a file of ${formatSize(source.size)}, which ${is}`;
  refuse('dump-kind', 'ENOEXEC', seen);
}

function openElf(source: ByteSource): Dump {
  const problems: string[] = [];
  const remarks: string[] = [];
  const headers = readCoreHeaders(source, (remark) => remarks.push(remark));
  const architecture = findDumpArchitecture(readElfMachine(source));
  const loads = headers.filter(
    ({ type, physicalAddress }) => type === PT_LOAD && physicalAddress !== NO_PHYSICAL_ADDRESS,
  );
  const notes = readCoreNotes(
    source,
    headers.filter(({ type }) => type === PT_NOTE),
    (problem) => problems.push(problem),
  );
  const end = loads.reduce((last, { offset, fileSize }) => maximum(last, offset + fileSize), 0n);
  if (end > source.size)
    problems.push(
      `the file is cut short: ${formatSize(end - source.size)} of ${formatSize(end)} are missing`,
    );
  const isOfHypervisor = loads.length > 0 && !loads.some((load) => hasKernelAddress(load, architecture));
  if (isOfHypervisor)
    remarks.push('the PT_LOADs have no virtual addresses, as QEMU writes them: crash reads it, gdb does not');
  const memory = new ElfMemory(source, loads);
  return {
    format: 'ELF',
    architecture,
    isFlattened: false,
    notes,
    memory,
    loads,
    problems,
    remarks,
    isOfHypervisor,
  };
}

function openKdump(source: ByteSource, codecs: Codecs): Dump {
  const header = readKdumpHeader(source);
  if (header.part !== undefined) {
    const { start, end } = header.part;
    const seen = `the file is one of several of a split dump: it has the page frames from ${start} to ${end}`;
    refuse('kdump-header', 'EINVAL', seen, {
      cure: 'put all of them together first: makedumpfile --reassemble PART PART… DUMP; crash reads them as they are',
    });
  }
  const problems = header.isIncomplete ? ['makedumpfile did not complete the dump'] : [];
  const notes = parseDumpNotes(header.notes, (problem) => problems.push(problem));
  const memory = new KdumpMemory(source, header, codecs);
  return {
    format: 'kdump-compressed',
    architecture: findDumpArchitecture(header.elfMachine),
    isFlattened: false,
    dumpLevel: header.dumpLevel,
    notes,
    memory,
    loads: [],
    problems,
    remarks: [],
    isOfHypervisor: header.release === '',
  };
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return decodeLatin1(bytes).startsWith(signature);
}

function readStart(source: ByteSource): Uint8Array {
  return source.read(0n, Number(minimum(source.size, BigInt(FOREIGN_DUMP_BYTES))));
}
