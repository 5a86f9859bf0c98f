import { findBytes } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { minimum } from '../../base/u64.js';
import {
  ELF_HEADER_SIZE,
  ELFCLASS64,
  ELFDATA2LSB,
  EM_X86_64,
  ET_REL,
  EV_CURRENT,
  SECTION_HEADER_SIZE,
} from '../../formats/elf/format.js';
import { type ElfObject, parseElf } from '../../formats/elf/object.js';
import { layOut } from '../../formats/elf/section-layout.js';
import { magicBytes } from '../../formats/magics.js';
import type { KernelPurgatory } from './x86-machine.js';

/** The beginning of a relocatable object for x86_64, up to `e_version`. */
const START = Uint8Array.from([
  ...magicBytes('elf'),
  ...[ELFCLASS64, ELFDATA2LSB, EV_CURRENT, 0],
  ...new Uint8Array(8),
  ...[ET_REL, 0, EM_X86_64, 0, EV_CURRENT, 0, 0, 0],
]);

/** The function that makes an object a purgatory. */
const ENTRY_SYMBOL = 'purgatory_start';

/** A kernel has one object inside; its modules are files of their own. */
const MAX_TRIES = 64;

/**
 * Finds the purgatory in a kernel, which kexec_file_load(2) of that kernel loads: `kexec_purgatory`, a relocatable ELF object.
 *
 * @param vmlinux - the kernel proper, decompressed
 * @returns a copy of it, and the size of its segment; undefined if the kernel has none, as without CONFIG_KEXEC_FILE
 */
export function findKernelPurgatory(vmlinux: Uint8Array): KernelPurgatory | undefined {
  let at = -1;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    at = findBytes(vmlinux, START, at + 1);
    if (at < 0) return undefined;
    const object = cutObject(vmlinux.subarray(at));
    const measured = attempt(() => measurePurgatory(object));
    if (measured !== undefined && !(measured instanceof KexecError))
      return { ...measured, object: object.slice() };
  }
  return undefined;
}

/**
 * Measures a purgatory's segment: kernel function `kexec_purgatory_setup_kbuf()`.
 *
 * @param object - `kexec_purgatory` of a kernel
 * @returns undefined if it is an object of another purpose
 * @throws KexecError `ENOEXEC`, the checks of an object file.
 */
export function measurePurgatory(object: Uint8Array): KernelPurgatory | undefined {
  const elf = parseElf(object, EM_X86_64);
  if (!isPurgatory(elf)) return undefined;
  const { fileSize, size, alignment } = layOut(elf.sections);
  return { object, bufsz: fileSize, memsz: size, alignment };
}

function isPurgatory({ symbols }: ElfObject): boolean {
  return symbols.some(({ name }) => name === ENTRY_SYMBOL);
}

/** Cuts off what follows an object: its section headers are its end. @returns as much as there is, if they leave the kernel */
function cutObject(bytes: Uint8Array): Uint8Array {
  if (bytes.length < ELF_HEADER_SIZE) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, ELF_HEADER_SIZE);
  const end = view.getBigUint64(40, true) + BigInt(view.getUint16(60, true) * SECTION_HEADER_SIZE);
  return bytes.subarray(0, Number(minimum(end, BigInt(bytes.length))));
}
