import { refuse } from '../../base/error.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import { FDT_HEADER_SIZE, FDT_MAGIC, FDT_VERSION } from './header.js';
import {
  encodeName,
  findNodeNameFault,
  findPropertyNameFault,
  findRootNameFault,
  isNameAt,
  placeName,
} from './names.js';
import {
  FDT_BEGIN_NODE,
  FDT_END_NODE,
  FDT_MAX_LEVELS,
  FDT_NOP,
  FDT_PROP,
  type Fdt,
  type FdtNode,
  type FdtProperty,
  type FdtReservation,
} from './tree.js';

const RESERVATION_SIZE = 16;
/** libfdt holds sizes and offsets in C ints. */
const MAX_TOTAL_SIZE = 0x7fff_ffff;

/**
 * Writes a device tree of version 17 as libfdt's `fdt_pack()` leaves it: header, reservations, structure, strings,
 * nothing between them and nothing behind. Padding is zero, where libfdt leaves what lay there.
 *
 * A property name that the strings block does not have is appended to the block that is written; `fdt` stays as it is.
 *
 * @throws KexecError `EINVAL`, check `dtb-structure`, `dtb-strings`, `dtb-reservations` or `dtb-header`, if the tree was
 * changed by hand into one that could not be read again.
 */
export function writeFdt(fdt: Fdt): Uint8Array {
  for (const reservation of fdt.reservations) checkReservation(reservation);
  const { structure, strings } = layOut(fdt);
  const structureSize = structure.length + fdt.structureEnd.length;
  const structureOffset = FDT_HEADER_SIZE + (fdt.reservations.length + 1) * RESERVATION_SIZE;
  const stringsOffset = structureOffset + structureSize;
  const totalSize = stringsOffset + strings.length;
  checkTotalSize(totalSize);

  const bytes = new Uint8Array(totalSize);
  const view = new DataView(bytes.buffer);
  const header = [
    FDT_MAGIC,
    totalSize,
    structureOffset,
    stringsOffset,
    FDT_HEADER_SIZE,
    FDT_VERSION,
    fdt.lastCompatibleVersion,
    fdt.bootCpu,
    strings.length,
    structureSize,
  ];
  for (const [i, field] of header.entries()) view.setUint32(4 * i, field);
  for (const [i, { address, size }] of fdt.reservations.entries()) {
    view.setBigUint64(FDT_HEADER_SIZE + RESERVATION_SIZE * i, address);
    view.setBigUint64(FDT_HEADER_SIZE + RESERVATION_SIZE * i + 8, size);
  }
  bytes.set(structure, structureOffset);
  bytes.set(fdt.structureEnd, structureOffset + structure.length);
  bytes.set(strings, stringsOffset);
  return bytes;
}

/** @throws KexecError `EINVAL`, check `dtb-reservations`, for one that would end the list or does not fit its u64s. */
export function checkReservation({ address, size }: FdtReservation): void {
  const fits = address >= 0n && address < U64_LIMIT && size > 0n && size < U64_LIMIT;
  if (!fits) refuse('dtb-reservations', 'EINVAL', `a reservation of ${hex(size)} bytes at ${hex(address)}`);
}

/** The root node as it stands in the structure block, and the strings block with every name in it. */
function layOut(fdt: Fdt): { structure: Uint8Array; strings: Uint8Array } {
  const structure = new Structure();
  let { strings } = fdt;
  /** Names by where they were found to be: the block only grows, and a board has each many times. */
  const found = new Map<number, string>();

  const offsetOf = ({ name, nameOffset }: FdtProperty): number => {
    if (nameOffset !== undefined && found.get(nameOffset) === name) return nameOffset;
    const fault = findPropertyNameFault(name);
    if (fault !== undefined) refuse('dtb-strings', 'EINVAL', fault);
    let offset = nameOffset;
    if (offset === undefined || !isNameAt(strings, offset, name)) {
      ({ strings, offset } = placeName(strings, name));
    }
    found.set(offset, name);
    return offset;
  };
  const property = (item: FdtProperty): void => {
    structure.nops(item.nopsBefore);
    structure.word(FDT_PROP);
    structure.word(item.value.length);
    structure.word(offsetOf(item));
    structure.padded(item.value);
  };
  const node = ({ name, properties, children, nopsBefore, nopsAtEnd }: FdtNode, level: number): void => {
    if (level > FDT_MAX_LEVELS)
      refuse('dtb-structure', 'EINVAL', `nodes are nested more than ${FDT_MAX_LEVELS} deep`);
    const fault = level === 1 ? findRootNameFault(name) : findNodeNameFault(name);
    if (fault !== undefined) refuse('dtb-structure', 'EINVAL', fault);
    structure.nops(nopsBefore);
    structure.word(FDT_BEGIN_NODE);
    structure.padded(encodeName(name));
    for (const item of properties) property(item);
    for (const child of children) node(child, level + 1);
    structure.nops(nopsAtEnd);
    structure.word(FDT_END_NODE);
  };

  node(fdt.root, 1);
  return { structure: structure.bytes(), strings };
}

/** Where blocks are written, one after the other: memory that is new for each takes longer than the writing. */
let scratch = new Uint8Array(1 << 17);
/** More than that is not kept. */
const MOST_SCRATCH = 1 << 22;

/** So many bytes are copied faster one by one. */
const FEW = 32;

/** A structure block in the making: words, and bytes that are padded to words. */
class Structure {
  #bytes = scratch;
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  word(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  nops(count = 0): void {
    for (let i = 0; i < count; i++) this.word(FDT_NOP);
  }

  padded(bytes: Uint8Array): void {
    this.#reserve(bytes.length + 3);
    const start = this.#length;
    if (bytes.length > FEW) this.#bytes.set(bytes, start);
    else for (let at = 0; at < bytes.length; at += 1) this.#bytes[start + at] = bytes[at] as number;
    this.#length = Math.ceil((start + bytes.length) / 4) * 4;
    for (let at = start + bytes.length; at < this.#length; at += 1) this.#bytes[at] = 0;
  }

  /** What was written, until the next block is. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    checkTotalSize(needed);
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
    if (larger.length <= MOST_SCRATCH) scratch = larger;
  }
}

function checkTotalSize(size: number): void {
  if (size >= MAX_TOTAL_SIZE) refuse('dtb-header', 'EINVAL', `the device tree would take ${hex(size)} bytes`);
}
