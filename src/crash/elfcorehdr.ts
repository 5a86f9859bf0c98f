import { BoundedBytes } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { type Range, range, rangeOf, size, subtractFromEach } from '../base/range.js';
import { alignUp } from '../base/u64.js';
import { EM_AARCH64, ET_CORE, PF_RWX, PN_XNUM, PT_LOAD, PT_NOTE } from '../formats/elf/format.js';
import { checkElfHeader } from '../formats/elf/header.js';
import {
  headersSize,
  type ProgramHeader,
  readProgramHeaders,
  writeHeaders,
} from '../formats/elf/program-headers.js';
import type { CoreRules } from '../machine/core-rules.js';
import { listCaptureMemory } from '../machine/crash-regions.js';
import { type CrashFacts, listRam, type MachineFacts } from '../machine/machine-facts.js';

/** `ELF_CORE_HEADER_ALIGN`: the header's size is a multiple of this, in bytes. */
const SIZE_ALIGNMENT = 4096n;

/**
 * Writes the ELF core header from which a crash kernel builds its /proc/vmcore. It says where the CPUs that crashed
 * leave their notes (one PT_NOTE each, then one for VMCOREINFO), where the kernel's text lies (so that gdb can
 * backtrace), and which RAM to dump (a PT_LOAD each, its offset the physical address). Kernel functions
 * `prepare_elf_headers()` and `crash_prepare_elf64_headers()`, entry by entry. The series of 2017 writes the same for a
 * machine with one crash region, the only kind that it knew.
 *
 * @returns a multiple of 4096 bytes
 * @throws KexecError `EINVAL`: `elfcorehdr` if the machine's crash facts are unknown or it needs more than 65534
 *   entries, `range-order` for addresses that exceed 64 bits.
 */
export function writeElfcorehdr(machine: MachineFacts, rules: CoreRules): Uint8Array {
  const { notes, vmcoreinfo, text, linearMap } = requireCrashFacts(machine);
  const programHeaders = [
    ...[...notes, vmcoreinfo].map(buildNoteHeader),
    buildLoadHeader(range(text.start, text.end), text.virtual),
    ...findDumpedRanges(machine, rules.findNotDumped(machine)).map((ram) =>
      buildLoadHeader(ram, BigInt.asUintN(64, ram.start - linearMap.physical + linearMap.virtual)),
    ),
  ];
  if (programHeaders.length >= PN_XNUM) {
    refuse(
      'elfcorehdr',
      'EINVAL',
      `the header needs ${programHeaders.length} program headers; ELF counts up to ${PN_XNUM - 1}`,
    );
  }
  const bytes = alignUp(BigInt(headersSize(programHeaders.length)), SIZE_ALIGNMENT);
  const header = { type: ET_CORE, machine: rules.elfMachine, entry: 0n, programHeaders };
  return writeHeaders(header, Number(bytes));
}

/**
 * Finds the RAM to dump after a crash: all memory of memblock, with what drivers manage (`for_each_mem_range()` visits
 * it, too), except the crash regions, where the crash kernel runs. Adjacent regions are not joined, because
 * `crash_exclude_mem_range()` does not join them.
 *
 * @param notDumped - what {@link CoreRules.findNotDumped} found
 * @returns lowest first
 */
export function findDumpedRanges(machine: MachineFacts, notDumped: readonly Range[] = []): Range[] {
  const less = [...listCaptureMemory(machine), ...notDumped];
  return subtractFromEach(listRam(machine), less);
}

function buildNoteHeader(note: Range): ProgramHeader {
  return { ...buildLoadHeader(note, 0n), type: PT_NOTE, flags: 0 };
}

/** Its offset is the physical address, which /proc/vmcore replaces. */
function buildLoadHeader(memory: Range, virtualAddress: bigint): ProgramHeader {
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

/** The names of collected files that hold crash facts. */
const CRASH_FACT_FILES: readonly string[] = [
  'crash-notes',
  'vmcoreinfo-note',
  'vmcoreinfo',
  'kcore',
  'kallsyms',
  'iomem',
];

function requireCrashFacts({ name, crash, unknown = [] }: MachineFacts): CrashFacts {
  if (crash !== undefined && crash.notes.length > 0) return crash;
  const missing = crash === undefined ? 'crash_notes, VMCOREINFO and the kernel' : 'crash_notes';
  const reasons = unknown
    .filter(({ fact }) => CRASH_FACT_FILES.includes(fact))
    .map(({ fact, reason }) => `; ${fact}: ${reason}`);
  refuse(
    'elfcorehdr',
    'EINVAL',
    `${name}: the addresses of ${missing} are unknown${reasons.join('')}; ` +
      'record it as root, under the kernel that may crash: kexec-file machine record',
  );
}

/** The entries of an ELF core header. */
export interface Elfcorehdr {
  /** Those of notes: one for each CPU, and one for VMCOREINFO. */
  readonly notes: readonly ProgramHeader[];
  /** Those of memory to dump. */
  readonly loads: readonly ProgramHeader[];
}

/**
 * Parses an ELF core header, or that of a vmcore. Entries of other types are ignored, as the capture kernel ignores
 * them. The memory that it points at need not be in `bytes`.
 *
 * @param elfMachine - the `e_machine` that it must have. Default: AArch64
 * @throws KexecError `EINVAL`, check `elf-core`, for anything else, as the capture kernel answers
 *   (`parse_crash_elf64_headers()`).
 */
export function parseElfcorehdr(bytes: Uint8Array, elfMachine: number = EM_AARCH64): Elfcorehdr {
  const file = new BoundedBytes(bytes, { what: 'ELF core', check: 'elf-core', errno: 'EINVAL' });
  checkElfHeader(file, ET_CORE, elfMachine);
  const headers = readProgramHeaders(file);
  return {
    notes: headers.filter(({ type }) => type === PT_NOTE),
    loads: headers.filter(({ type }) => type === PT_LOAD),
  };
}
