import { BoundedBytes } from '../base/bytes.js';
import { KexecError } from '../base/error.js';
import { type Range, range, rangeOf, size, subtract } from '../base/range.js';
import { alignUp } from '../base/u64.js';
import { ET_CORE, PF_RWX, PN_XNUM, PT_LOAD, PT_NOTE } from '../formats/elf/format.js';
import { checkElfHeader } from '../formats/elf/header.js';
import {
  headersSize,
  type ProgramHeader,
  readProgramHeaders,
  writeHeaders,
} from '../formats/elf/program-headers.js';
import type { CrashFacts } from '../machine/machine-facts.js';
import type { Machine } from '../machine/machine-value.js';

/** `ELF_CORE_HEADER_ALIGN`: the header takes a multiple of so many bytes. */
const SIZE_ALIGNMENT = 4096n;

/**
 * The ELF core header that a crash kernel makes its /proc/vmcore of: where the CPUs that crashed leave their notes
 * (one PT_NOTE each, then one for VMCOREINFO), where the kernel's text lies (what lets gdb backtrace), and the RAM that
 * is to be dumped (a PT_LOAD each), its offsets the physical addresses. Kernel functions `prepare_elf_headers()` and
 * `crash_prepare_elf64_headers()`, entry by entry; the series of 2017 makes the same of a machine with one crash region,
 * which is all that it knew.
 *
 * @returns a multiple of 4096 bytes.
 * @throws KexecError `EINVAL`: `elfcorehdr` for a machine whose crash facts are not known or that needs more than 65534
 *   entries, `range-order` for addresses that leave 64 bits.
 */
export function buildElfcorehdr(machine: Machine): Uint8Array {
  const { notes, vmcoreinfo, text, linearMap } = crashFacts(machine);
  const programHeaders = [
    ...[...notes, vmcoreinfo].map(noteHeader),
    loadHeader(range(text.start, text.end), text.virtual),
    ...findDumpedRanges(machine).map((ram) =>
      loadHeader(ram, BigInt.asUintN(64, ram.start - linearMap.physical + linearMap.virtual)),
    ),
  ];
  if (programHeaders.length >= PN_XNUM) {
    throw refusal(`it would need ${programHeaders.length} program headers; ELF counts to ${PN_XNUM - 1}`);
  }
  const bytes = alignUp(BigInt(headersSize(programHeaders.length)), SIZE_ALIGNMENT);
  return writeHeaders({ type: ET_CORE, entry: 0n, programHeaders }, Number(bytes));
}

/**
 * RAM that a crash leaves to be dumped, lowest first: all that memblock has, less the crash regions, where the crash
 * kernel runs. Regions that touch are not joined, as `crash_exclude_mem_range()` does not join them. Memory that a
 * driver added (`DRV_MNG`), which the kernel would dump as well, is not among a machine's.
 */
export function findDumpedRanges({ memory, crashRegion }: Machine): Range[] {
  const less = [crashRegion?.high, crashRegion?.low].filter((region) => region !== undefined);
  return memory.flatMap((region) => subtract([region], less));
}

function noteHeader(note: Range): ProgramHeader {
  return { ...loadHeader(note, 0n), type: PT_NOTE, flags: 0 };
}

/** Offsets are physical addresses: /proc/vmcore puts its own in their place. */
function loadHeader(memory: Range, virtualAddress: bigint): ProgramHeader {
  rangeOf(virtualAddress, size(memory));
  return {
    type: PT_LOAD,
    flags: PF_RWX,
    offset: memory.start,
    virtualAddress,
    physicalAddress: memory.start,
    fileSize: size(memory),
    memorySize: size(memory),
    alignment: 0n,
  };
}

/** What these facts are recorded from: the names of collected files. */
const SOURCES: readonly string[] = [
  'crash-notes',
  'vmcoreinfo-note',
  'vmcoreinfo',
  'kcore',
  'kallsyms',
  'iomem',
];

function crashFacts({ name, crash, unknown = [] }: Machine): CrashFacts {
  if (crash !== undefined && crash.notes.length > 0) return crash;
  const missing = crash === undefined ? 'crash_notes, VMCOREINFO and the kernel lie' : 'crash_notes lie';
  const reasons = unknown
    .filter(({ fact }) => SOURCES.includes(fact))
    .map(({ fact, reason }) => `; ${fact}: ${reason}`);
  throw refusal(
    `it is not known of ${name} where ${missing}${reasons.join('')}; ` +
      'record it as root, under the kernel that may crash: kexec-file machine record',
  );
}

function refusal(seen: string): KexecError {
  return new KexecError('elfcorehdr', 'EINVAL', seen);
}

/** What an ELF core header points at. */
export interface Elfcorehdr {
  /** Where notes lie: of each CPU, and VMCOREINFO. */
  readonly notes: readonly ProgramHeader[];
  /** What memory is dumped. */
  readonly loads: readonly ProgramHeader[];
}

/**
 * Reads an ELF core header, or the one of a vmcore; entries of other types are passed by, as the capture kernel
 * passes them by. What it points at need not be in `bytes`.
 *
 * @throws KexecError `EINVAL`, check `elf-core`, for anything else, as the capture kernel answers
 *   (`parse_crash_elf64_headers()`).
 */
export function parseElfcorehdr(bytes: Uint8Array): Elfcorehdr {
  const file = new BoundedBytes(bytes, { what: 'ELF core', check: 'elf-core', errno: 'EINVAL' });
  checkElfHeader(file, ET_CORE);
  const headers = readProgramHeaders(file);
  return {
    notes: headers.filter(({ type }) => type === PT_NOTE),
    loads: headers.filter(({ type }) => type === PT_LOAD),
  };
}
