import { BoundedBytes } from '../../base/bytes.js';

/** A note: ELF-64 object file format, "Note Section". */
export interface ElfNote {
  /** Who made it: `CORE`, `VMCOREINFO`. */
  readonly name: string;
  readonly type: number;
  /** Shared with the bytes. */
  readonly descriptor: Uint8Array;
}

const NOTE_HEADER_SIZE = 12;

/**
 * Reads the notes of a PT_NOTE of a core file. Names and descriptors are padded to 4 bytes, as the kernel writes them,
 * and an entry of zeros ends the list.
 *
 * @throws KexecError `EINVAL`, check `elf-core`, if a note leaves the bytes.
 */
export function parseNotes(bytes: Uint8Array): ElfNote[] {
  const file = new BoundedBytes(bytes, { what: 'ELF notes', check: 'elf-core', errno: 'EINVAL' });
  const notes: ElfNote[] = [];
  for (let at = 0; at + NOTE_HEADER_SIZE <= file.length; ) {
    const nameSize = file.u32le(at);
    const descriptorSize = file.u32le(at + 4);
    if (nameSize === 0) break;
    const nameAt = at + NOTE_HEADER_SIZE;
    file.slice(nameAt, nameSize, "a note's name");
    const descriptorAt = nameAt + padded(nameSize);
    notes.push({
      name: file.cString(nameAt, nameAt + nameSize, "a note's name"),
      type: file.u32le(at + 8),
      descriptor: file.slice(descriptorAt, descriptorSize, "a note's descriptor"),
    });
    at = descriptorAt + padded(descriptorSize);
  }
  return notes;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
