import { align4, BoundedBytes, concatenate, decodeLatin1, encodeLatin1 } from '../../base/bytes.js';

/** A note: ELF-64 object file format, "Note Section". */
export interface ElfNote {
  /** The namespace of the type: `CORE`, `VMCOREINFO`. */
  readonly name: string;
  readonly type: number;
  /** Shared with the bytes. */
  readonly descriptor: Uint8Array;
}

const NOTE_HEADER_SIZE = 12;

/** To how many bytes names and descriptors are padded: 4, as Linux writes them, or 8, as gABI says for 64-bit files. */
export type NoteAlignment = 4 | 8;

/**
 * Parses the notes of a core file, as {@link walkNotes}.
 *
 * @throws KexecError `EINVAL`, check `elf-core`, if a note leaves the bytes.
 */
export function parseNotes(bytes: Uint8Array): ElfNote[] {
  return [...walkNotes(bytes)];
}

/**
 * Walks through the notes of a core file, as readelf and gdb do: a name needs no NUL, the last descriptor no padding,
 * and entries without a name, such as the zeros with which the kernel ends a CPU's notes, are skipped. What follows
 * such an entry may be no note, and ends the list then.
 *
 * @param bytes - the contents of a PT_NOTE
 * @throws KexecError `EINVAL`, check `elf-core`, if a note leaves the bytes; those before it are returned.
 */
export function* walkNotes(bytes: Uint8Array, alignment: NoteAlignment = 4): Generator<ElfNote> {
  const file = new BoundedBytes(bytes, { what: 'ELF notes', check: 'elf-core', errno: 'EINVAL' });
  const pad = (length: number): number => Math.ceil(length / alignment) * alignment;
  let hasEnded = false;
  for (let at = 0; at + NOTE_HEADER_SIZE <= file.length; ) {
    const nameSize = file.u32le(at);
    const size = file.u32le(at + 4);
    const nameAt = at + NOTE_HEADER_SIZE;
    const descriptorAt = at + pad(NOTE_HEADER_SIZE + nameSize);
    if (hasEnded && descriptorAt + size > file.length) return;
    if (nameSize === 0) hasEnded = true;
    else {
      const name = decodeLatin1(file.slice(nameAt, nameSize, "a note's name").subarray(0, MAX_NAME_BYTES));
      const descriptor = file.slice(descriptorAt, size, "a note's descriptor");
      yield { name: name.replace(/\0.*$/s, ''), type: file.u32le(at + 8), descriptor };
    }
    at = descriptorAt + pad(size);
  }
}

/** What is kept of a name: those of known notes have up to 11 bytes. */
const MAX_NAME_BYTES = 64;

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
