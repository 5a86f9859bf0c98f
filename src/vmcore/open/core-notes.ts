import type { ByteSource } from '../../base/byte-source.js';
import { attempt, KexecError } from '../../base/error.js';
import { formatBytes, formatSize } from '../../base/sizes.js';
import { hex, maximum, minimum } from '../../base/u64.js';
import { type ElfNote, type NoteAlignment, walkNotes } from '../../formats/elf/notes.js';
import type { ProgramHeader } from '../../formats/elf/program-headers.js';

/** The most bytes of notes of a dump: 4096 CPUs, the most of arm64 Linux, leave less than 4 MiB. */
export const MAX_NOTES_BYTES = 1 << 24;
/** The most notes of a dump: a CPU leaves a few. */
const MAX_NOTES = 1 << 16;

type OnProblem = (problem: string) => void;

/**
 * Reads the notes of all PT_NOTEs. What is damaged, shared or beyond the bounds is left out and reported.
 *
 * @param headers - the PT_NOTEs
 */
export function readCoreNotes(
  source: ByteSource,
  headers: readonly ProgramHeader[],
  onProblem: OnProblem,
): ElfNote[] {
  const notes: ElfNote[] = [];
  let bytesLeft = MAX_NOTES_BYTES;
  for (const { offset, fileSize, alignment } of dropShared(headers, onProblem)) {
    const present = minimum(fileSize, maximum(source.size - offset, 0n));
    if (present < fileSize)
      onProblem(
        `the file is cut short: the notes of ${formatBytes(fileSize)} at ${hex(offset)} go beyond its end at ${hex(source.size)}`,
      );
    if (present > BigInt(bytesLeft)) {
      onProblem(
        `the dump has more than ${formatSize(BigInt(MAX_NOTES_BYTES))} of notes: those at ${hex(offset)} and after it are left out`,
      );
      break;
    }
    bytesLeft -= Number(present);
    const bytes = source.read(offset, Number(present));
    collectNotes(bytes, alignment === 8n ? 8 : 4, notes, onProblem);
    if (notes.length >= MAX_NOTES) break;
  }
  return notes;
}

/** Parses the notes of a compressed dump, as {@link readCoreNotes}. */
export function parseDumpNotes(bytes: Uint8Array, onProblem: OnProblem): ElfNote[] {
  const notes: ElfNote[] = [];
  collectNotes(bytes, 4, notes, onProblem);
  return notes;
}

/** Some producers say that they pad to 8 bytes, and pad to 4: that is tried if 8 does not fit. */
function collectNotes(
  bytes: Uint8Array,
  alignment: NoteAlignment,
  into: ElfNote[],
  onProblem: OnProblem,
): void {
  const first = into.length;
  const damage = attempt(() => {
    for (const note of walkNotes(bytes, alignment)) {
      into.push(note);
      if (into.length < MAX_NOTES) continue;
      onProblem(`the dump has more than ${MAX_NOTES} notes: the others are left out`);
      return;
    }
  });
  if (!(damage instanceof KexecError)) return;
  if (alignment === 8) {
    into.length = first;
    collectNotes(bytes, 4, into, onProblem);
  } else onProblem(damage.seen);
}

/** Drops PT_NOTEs whose bytes another one has, too: each byte of the file is read once. */
function dropShared(headers: readonly ProgramHeader[], onProblem: OnProblem): ProgramHeader[] {
  const sorted = headers
    .filter(({ fileSize }) => fileSize > 0n)
    .sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
  const kept = new Set<ProgramHeader>();
  let end = 0n;
  for (const header of sorted) {
    if (header.offset < end) continue;
    kept.add(header);
    end = header.offset + header.fileSize;
  }
  const shared = sorted.length - kept.size;
  if (shared > 0) onProblem(`${shared} PT_NOTEs share bytes of the file with another one: they are ignored`);
  return headers.filter((header) => kept.has(header));
}
