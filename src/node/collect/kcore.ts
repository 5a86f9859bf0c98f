import { closeSync, openSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { formatBytes, formatSize } from '../../base/sizes.js';
import { parseElfcorehdr } from '../../crash/elfcorehdr.js';
import { ELF_HEADER_SIZE, PROGRAM_HEADER_SIZE } from '../../formats/elf/format.js';
import { parseNotes } from '../../formats/elf/notes.js';
import { NO_VMCOREINFO } from '../../machine/collect/sources.js';
import { readFully } from '../files/read-fully.js';

/** Real notes of /proc/kcore have about 10 KiB. */
const MAX_NOTES_BYTES = 1n << 20n;

/**
 * Reads the text of the VMCOREINFO note in `/proc/kcore`. The file is as large as the kernel's address space: only its
 * headers and its notes are read.
 *
 * @throws KexecError `EINVAL`, check `elf-core`, if it is no core file or has no such note; Node's error if it cannot
 *   be read.
 */
export function readKcoreVmcoreinfo(path: string): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    const { headers, machine } = readElfHeaders(descriptor);
    for (const { offset, fileSize } of parseElfcorehdr(headers, machine).notes) {
      if (fileSize > MAX_NOTES_BYTES)
        refuse(
          'elf-core',
          'EINVAL',
          `${path} has notes of ${formatBytes(fileSize)}, more than ${formatSize(MAX_NOTES_BYTES)}`,
        );
      const notes = parseNotes(readRange(descriptor, Number(offset), Number(fileSize)));
      const note = notes.find(({ name }) => name === 'VMCOREINFO');
      if (note !== undefined) return note.descriptor;
    }
    return refuse('elf-core', 'EINVAL', `${path} ${NO_VMCOREINFO}`);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads the ELF header and the program headers of `/proc/kcore`; what there is of a shorter file. @throws Node's error */
export function readHeaders(path: string): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    return readElfHeaders(descriptor).headers;
  } finally {
    closeSync(descriptor);
  }
}

/** The headers, which lie behind each other, and `e_machine`. */
function readElfHeaders(descriptor: number): { headers: Uint8Array; machine?: number } {
  const header = readRange(descriptor, 0, ELF_HEADER_SIZE);
  if (header.length < ELF_HEADER_SIZE) return { headers: header };
  const view = new DataView(header.buffer, header.byteOffset);
  const size = ELF_HEADER_SIZE + view.getUint16(56, true) * PROGRAM_HEADER_SIZE;
  return { headers: readRange(descriptor, 0, size), machine: view.getUint16(18, true) };
}

/** Reads bytes from an offset on; fewer at the end of the file. */
function readRange(descriptor: number, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readFully(descriptor, bytes, BigInt(from)));
}
