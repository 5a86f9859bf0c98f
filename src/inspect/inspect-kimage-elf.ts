import { BoundedBytes } from '../base/bytes.js';
import { attempt, KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import { detectCompression } from '../formats/compression/compression-names.js';
import { ELF_HEADER_SIZE, EM_AARCH64, ET_EXEC, PROGRAM_HEADER_SIZE, PT_LOAD } from '../formats/elf/format.js';
import { type ProgramHeader, readProgramHeaders } from '../formats/elf/program-headers.js';
import { hasMagic } from '../formats/magics.js';
import type { Facts } from './facts.js';

/** Reads the headers of an ELF executable for AArch64. @returns undefined for other files */
function readExecutable(
  bytes: Uint8Array,
): { entry: bigint; sections: number; loads: ProgramHeader[] } | undefined {
  if (!hasMagic(bytes, 'elf') || bytes.length < ELF_HEADER_SIZE + PROGRAM_HEADER_SIZE) return undefined;
  const file = new BoundedBytes(bytes, { what: 'ELF file', check: 'elf-header', errno: 'ENOEXEC' });
  if (file.u16le(16) !== ET_EXEC || file.u16le(18) !== EM_AARCH64) return undefined;
  const headers = attempt(() => readProgramHeaders(file));
  if (headers instanceof KexecError) return undefined;
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  return { entry: file.u64le(24), sections: file.u16le(60), loads };
}

/**
 * Whether a file is the ELF file of `plan --elf`: without sections, each segment at its physical address, one of them a
 * device tree. A vmlinux is different in all of that.
 */
export function isKimageElf(bytes: Uint8Array): boolean {
  const executable = readExecutable(bytes);
  if (executable === undefined || executable.sections > 0 || executable.loads.length === 0) return false;
  const { loads } = executable;
  return (
    loads.every((load) => load.virtualAddress === load.physicalAddress) &&
    loads.some((load) => hasMagic(readSegment(bytes, load), 'fdt'))
  );
}

function readSegment(bytes: Uint8Array, { offset, fileSize }: ProgramHeader): Uint8Array {
  return bytes.subarray(Number(offset), Number(offset + fileSize));
}

/** Names a segment by how it begins. */
function nameSegment(bytes: Uint8Array): string {
  if (hasMagic(bytes, 'image')) return 'kernel';
  if (hasMagic(bytes, 'fdt')) return 'dtb';
  if (hasMagic(bytes, 'elf')) return 'elfcorehdr';
  return hasMagic(bytes, 'cpio') || detectCompression(bytes) !== undefined ? 'initrd' : 'other';
}

/** Inspects the ELF file of `plan --elf`: the entry, and the segments. */
export function inspectKimageElf(bytes: Uint8Array): Facts {
  const { entry = 0n, loads = [] } = readExecutable(bytes) ?? {};
  return {
    entry: hex(entry),
    segments: loads.map((load) => ({
      begins: nameSegment(readSegment(bytes, load)),
      mem: hex(load.physicalAddress),
      memsz: hex(load.memorySize),
      bufsz: hex(load.fileSize),
    })),
    remark: 'QEMU boots it with -device loader,file=FILE,cpu-num=0',
  };
}
