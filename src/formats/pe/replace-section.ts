import { concatenate } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { SECTION_HEADER_SIZE } from './headers.js';
import type { PeFile } from './parse.js';
import type { PeSection } from './sections.js';

/** Offsets within a section header. */
const VIRTUAL_SIZE = 8;
const VIRTUAL_ADDRESS = 12;
const RAW_SIZE = 16;
const RAW_POINTER = 20;

/** Offsets from the PE header, and within the optional header. */
const SYMBOL_TABLE = 12;
const OPTIONAL_HEADER = 24;
const SIZE_OF_INITIALIZED_DATA = 8;
const SIZE_OF_IMAGE = 56;

const INITIALIZED_DATA = 0x40;
const U32 = 2 ** 32;

const DEBUG = 6;
const DEBUG_ENTRY_SIZE = 28;
const DEBUG_POINTER = 24;

/**
 * Replaces the contents of a section of a PE file. Sections after it move in the file, and in memory if they must,
 * which only sections may that nothing refers to by address. CheckSum stays as it is: signing sets it.
 *
 * @param file - without a certificate table
 * @param movable - the names of the sections that may move in memory
 * @throws KexecError `EINVAL`, check `sign-inner`: the layout of the file does not allow the change.
 */
export function replaceSection(
  file: Uint8Array,
  pe: PeFile,
  section: PeSection,
  contents: Uint8Array,
  movable: readonly string[],
): Uint8Array {
  const { raw } = section;
  const aligned = alignments(pe);
  // A change by whole steps keeps the alignment of what follows.
  const oldSize = raw.end - raw.start;
  const newSize = oldSize + Math.ceil((contents.length - oldSize) / aligned.file) * aligned.file;
  const delta = newSize - oldSize;
  refuseDebugBehind(file, pe, raw.end);

  const result = concatenate([
    file.subarray(0, raw.start),
    contents,
    new Uint8Array(newSize - contents.length),
    file.subarray(raw.end),
  ]);
  const view = new DataView(result.buffer);
  const virtualSize = section.virtualSize > oldSize ? section.virtualSize : 0;
  const layout = layOut(pe, section, Math.max(contents.length, virtualSize), aligned.memory, movable);
  for (const [index, other] of pe.sections.entries()) {
    const header = pe.sectionTable.start + index * SECTION_HEADER_SIZE;
    view.setUint32(header + VIRTUAL_ADDRESS, layout.addresses[index] as number, true);
    if (other === section) {
      view.setUint32(header + VIRTUAL_SIZE, layout.size, true);
      view.setUint32(header + RAW_SIZE, newSize, true);
    } else if (other.bytes.length > 0 && other.raw.start >= raw.end) {
      view.setUint32(header + RAW_POINTER, other.raw.start + delta, true);
    }
  }
  const header = view.getUint32(60, true);
  const optional = header + OPTIONAL_HEADER;
  if (pe.pointerToSymbolTable >= raw.end) {
    view.setUint32(header + SYMBOL_TABLE, pe.pointerToSymbolTable + delta, true);
  }
  if ((section.characteristics & INITIALIZED_DATA) !== 0) {
    const data = view.getUint32(optional + SIZE_OF_INITIALIZED_DATA, true);
    view.setUint32(optional + SIZE_OF_INITIALIZED_DATA, data + delta, true);
  }
  view.setUint32(optional + SIZE_OF_IMAGE, layout.end, true);
  return result;
}

function alignments(pe: PeFile): { readonly file: number; readonly memory: number } {
  const isAlignment = (value: number): boolean =>
    value >= 1 && value <= 1 << 16 && (value & (value - 1)) === 0;
  const { fileAlignment: file, sectionAlignment: memory } = pe;
  if (!isAlignment(file) || !isAlignment(memory))
    refuse('sign-inner', 'EINVAL', `PE file: alignments of ${hex(file)} and ${hex(memory)}`);
  return { file, memory };
}

/** Addresses of the sections in memory for a new size of one: each stays in place, unless the place is taken. */
function layOut(
  pe: PeFile,
  section: PeSection,
  size: number,
  alignment: number,
  movable: readonly string[],
): { readonly addresses: readonly number[]; readonly size: number; readonly end: number } {
  const aligned = (value: number): number => Math.ceil(value / alignment) * alignment;
  const addresses = pe.sections.map(({ virtualAddress }) => virtualAddress);
  const sizes = pe.sections.map((other) => (other === section ? size : other.virtualSize));
  const above = [...pe.sections.keys()]
    .filter((index) => (addresses[index] as number) > section.virtualAddress)
    .sort((a, b) => (addresses[a] as number) - (addresses[b] as number));
  let free = aligned(section.virtualAddress + size);
  for (const index of above) {
    const { name } = pe.sections[index] as PeSection;
    if ((addresses[index] as number) >= free) break;
    if (!movable.includes(name))
      refuse(
        'sign-inner',
        'EINVAL',
        `PE file: section ${name} would have to move in memory, and may be code`,
      );
    addresses[index] = free;
    free = aligned(free + (sizes[index] as number));
  }
  const end = aligned(Math.max(...addresses.map((address, index) => address + (sizes[index] as number))));
  if (end >= U32) refuse('sign-inner', 'EINVAL', `PE file: it would take ${formatBytes(end)} of memory`);
  return { addresses, size, end };
}

/** Refuses a debug directory with entries that point behind an offset: they would have to be changed. */
function refuseDebugBehind(file: Uint8Array, pe: PeFile, end: number): void {
  const directory = pe.directories[DEBUG];
  if (directory === undefined || directory.size === 0) return;
  const { virtualAddress: start, size } = directory;
  const holder = pe.sections.find(
    ({ virtualAddress, bytes }) => virtualAddress <= start && start + size <= virtualAddress + bytes.length,
  );
  if (holder === undefined) refuse('sign-inner', 'EINVAL', `PE file: the debug directory is in no section`);
  const at = holder.raw.start + start - holder.virtualAddress;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let entry = at; entry + DEBUG_ENTRY_SIZE <= at + size; entry += DEBUG_ENTRY_SIZE) {
    if (view.getUint32(entry + DEBUG_POINTER, true) >= end) {
      refuse('sign-inner', 'EINVAL', `PE file: the debug directory points behind the section`, {
        offset: entry + DEBUG_POINTER,
      });
    }
  }
}
