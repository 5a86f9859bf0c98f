import type { ByteSource } from '../../base/byte-source.js';
import { decodeLatin1, describeStart } from '../../base/bytes.js';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { maximum, minimum } from '../../base/u64.js';
import { readCoreHeaders, readCoreNotes } from '../../formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../../formats/elf/format.js';
import { type ElfNote, parseNotes } from '../../formats/elf/notes.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import { FLATTENED_SIGNATURE, readFlattened } from '../../formats/kdump/flattened.js';
import { KDUMP_SIGNATURE } from '../../formats/kdump/format.js';
import { readKdumpHeader } from '../../formats/kdump/header.js';
import type { Codecs } from '../../formats/kdump/page.js';
import { hasMagic } from '../../formats/magics.js';
import type { DumpMemory } from './dump-memory.js';
import { ElfMemory } from './elf-memory.js';
import { KdumpMemory } from './kdump-memory.js';

/** A dump of any format: its notes, and physical memory. */
export interface Dump {
  readonly format: 'ELF' | 'kdump-compressed';
  /** Whether the file is in makedumpfile's flattened form. */
  readonly isFlattened: boolean;
  readonly notes: readonly ElfNote[];
  readonly memory: DumpMemory;
  /** The PT_LOADs of an ELF file; a compressed dump has none. */
  readonly loads: readonly ProgramHeader[];
  /** What is missing or damaged; the rest can be read. */
  readonly problems: readonly string[];
}

/** How much of a file shows its format, in bytes. */
const START_BYTES = 16;

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
  const dump = openPlain(inOrder, codecs);
  const problems = isWhole ? [] : ['the flattened dump is cut short: it has no end mark'];
  return { ...dump, isFlattened: true, problems: [...problems, ...dump.problems] };
}

function openPlain(source: ByteSource, codecs: Codecs): Dump {
  const start = readStart(source);
  if (hasMagic(start, 'elf')) return openElf(source);
  if (startsWith(start, KDUMP_SIGNATURE)) return openKdump(source, codecs);
  const seen = `a file of ${formatSize(source.size)}, which ${describeStart(start.subarray(0, 8))}`;
  refuse('dump-kind', 'ENOEXEC', seen);
}

function openElf(source: ByteSource): Dump {
  const headers = readCoreHeaders(source);
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  const problems: string[] = [];
  const notes = headers
    .filter(({ type }) => type === PT_NOTE)
    .flatMap((header) => readNotes(() => readCoreNotes(source, header), problems));
  const end = loads.reduce((last, { offset, fileSize }) => maximum(last, offset + fileSize), 0n);
  if (end > source.size)
    problems.push(
      `the file is cut short: ${formatSize(end - source.size)} of ${formatSize(end)} are missing`,
    );
  const memory = new ElfMemory(source, loads);
  return { format: 'ELF', isFlattened: false, notes, memory, loads, problems };
}

function openKdump(source: ByteSource, codecs: Codecs): Dump {
  const header = readKdumpHeader(source);
  const problems: string[] = [];
  const notes = readNotes(() => header.notes, problems);
  const memory = new KdumpMemory(source, header, codecs);
  return { format: 'kdump-compressed', isFlattened: false, notes, memory, loads: [], problems };
}

/** Reads notes; none, and a problem more, if they are damaged. */
function readNotes(read: () => Uint8Array, problems: string[]): ElfNote[] {
  const notes = attempt(() => parseNotes(read()));
  if (!(notes instanceof KexecError)) return notes;
  problems.push(notes.seen);
  return [];
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return decodeLatin1(bytes).startsWith(signature);
}

function readStart(source: ByteSource): Uint8Array {
  return source.read(0n, Number(minimum(source.size, BigInt(START_BYTES))));
}
