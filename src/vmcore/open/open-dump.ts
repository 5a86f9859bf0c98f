import type { ByteSource } from '../../base/byte-source.js';
import { decodeLatin1, describeStart } from '../../base/bytes.js';
import { KexecError, refuse } from '../../base/error.js';
import { hex, minimum } from '../../base/u64.js';
import { readCoreHeaders, readCoreNotes } from '../../formats/elf/core-file.js';
import { PT_LOAD, PT_NOTE } from '../../formats/elf/format.js';
import { type ElfNote, parseNotes } from '../../formats/elf/notes.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';
import { FLATTENED_SIGNATURE, readFlattened } from '../../formats/kdump/flattened.js';
import { KDUMP_SIGNATURE, readKdumpHeader } from '../../formats/kdump/header.js';
import type { Codecs } from '../../formats/kdump/page.js';
import type { DumpMemory } from './dump-memory.js';
import { ElfMemory } from './elf-memory.js';
import { KdumpMemory } from './kdump-memory.js';

/** What a crash left, whatever the file's format: notes, and physical memory. */
export interface Dump {
  readonly format: 'ELF' | 'kdump-compressed';
  /** Whether it is in makedumpfile's flattened form. */
  readonly isFlattened: boolean;
  readonly notes: readonly ElfNote[];
  readonly memory: DumpMemory;
  /** The PT_LOADs of an ELF file; a compressed dump has none. */
  readonly loads: readonly ProgramHeader[];
  /** What is missing or damaged, but does not keep the rest from being read. */
  readonly problems: readonly string[];
}

const ELF_MAGIC = '\x7fELF';

/**
 * Opens a dump: an ELF vmcore, a compressed dump, or either flattened. Of the file only headers and notes are read;
 * memory is read when it is asked for.
 *
 * @param codecs - how pages of a compressed dump are unpacked
 * @throws KexecError: `ENOEXEC`, `dump-kind`, for another file; else as the readers of the formats refuse.
 */
export function openDump(source: ByteSource, codecs: Codecs): Dump {
  if (!startsWith(source, FLATTENED_SIGNATURE)) return openPlain(source, codecs, []);
  const { source: inOrder, isWhole } = readFlattened(source);
  const problems = isWhole ? [] : ['the flattened dump is cut short: it has no end mark'];
  return { ...openPlain(inOrder, codecs, problems), isFlattened: true };
}

function openPlain(source: ByteSource, codecs: Codecs, problems: readonly string[]): Dump {
  if (startsWith(source, ELF_MAGIC)) return openElf(source, problems);
  if (startsWith(source, KDUMP_SIGNATURE)) return openKdump(source, codecs, problems);
  refuse(
    'dump-kind',
    'ENOEXEC',
    `a file of ${hex(source.size)} bytes, which ${describeStart(firstBytes(source, 8))}`,
  );
}

function openElf(source: ByteSource, problems: readonly string[]): Dump {
  const headers = readCoreHeaders(source);
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  const damaged: string[] = [];
  const notes = headers
    .filter(({ type }) => type === PT_NOTE)
    .flatMap((header) => orProblem(() => parseNotes(readCoreNotes(source, header)), damaged));
  const end = loads.reduce(
    (most, { offset, fileSize }) => (offset + fileSize > most ? offset + fileSize : most),
    0n,
  );
  const cut =
    end > source.size ? [`the file is cut short: it has ${hex(source.size)} of ${hex(end)} bytes`] : [];
  return {
    format: 'ELF',
    isFlattened: false,
    notes,
    memory: new ElfMemory(source, loads),
    loads,
    problems: [...problems, ...damaged, ...cut],
  };
}

function openKdump(source: ByteSource, codecs: Codecs, problems: readonly string[]): Dump {
  const header = readKdumpHeader(source);
  const damaged: string[] = [];
  const notes = orProblem(() => parseNotes(header.notes), damaged);
  return {
    format: 'kdump-compressed',
    isFlattened: false,
    notes,
    memory: new KdumpMemory(source, header, codecs),
    loads: [],
    problems: [...problems, ...damaged],
  };
}

function orProblem(read: () => ElfNote[], problems: string[]): ElfNote[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    problems.push(error.seen);
    return [];
  }
}

function startsWith(source: ByteSource, magic: string): boolean {
  return decodeLatin1(firstBytes(source, magic.length)) === magic;
}

function firstBytes(source: ByteSource, count: number): Uint8Array {
  return source.read(0n, Number(minimum(source.size, BigInt(count))));
}
