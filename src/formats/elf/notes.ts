import { align4, BoundedBytes, concatenate, encodeLatin1 } from '../../base/bytes.js';

/** A note: ELF-64 object file format, "Note Section". */
export interface ElfNote {
  /** The namespace of the type: `CORE`, `VMCOREINFO`. */
  readonly name: string;
  readonly type: number;
  /** Shared with the bytes. */
  readonly descriptor: Uint8Array;
}

const NOTE_HEADER_SIZE = 12;

/**
 * Parses the notes of a core file. Names and descriptors are padded to 4 bytes, as the kernel writes them, and an entry
 * of zeros ends the list.
 *
 * @param bytes - the contents of a PT_NOTE
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
    const descriptorAt = nameAt + align4(nameSize);
    notes.push({
      name: file.cString(nameAt, nameAt + nameSize, "a note's name"),
      type: file.u32le(at + 8),
      descriptor: file.slice(descriptorAt, descriptorSize, "a note's descriptor"),
    });
    at = descriptorAt + align4(descriptorSize);
  }
  return notes;
}

/** Encodes notes as {@link parseNotes} reads them, without an entry that ends the list. */
export function writeNotes(notes: readonly ElfNote[]): Uint8Array {
  return concatenate(notes.map(writeNote));
}

function writeNote({ name, type, descriptor }: ElfNote): Uint8Array {
  const nameBytes = encodeLatin1(`${name}\0`);
  const descriptorAt = NOTE_HEADER_SIZE + align4(nameBytes.length);
  const bytes = new Uint8Array(descriptorAt + align4(descriptor.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nameBytes.length, true);
  view.setUint32(4, descriptor.length, true);
  view.setUint32(8, type, true);
  bytes.set(nameBytes, NOTE_HEADER_SIZE);
  bytes.set(descriptor, descriptorAt);
  return bytes;
}
