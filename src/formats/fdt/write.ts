import type { Check } from '../../base/checks.js';
import { KexecError } from '../../base/error.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import { FDT_HEADER_SIZE, FDT_MAGIC, FDT_VERSION } from './header.js';
import { isNameAt, nameBytes, nodeNameFault, placeName, propertyNameFault, rootNameFault } from './names.js';
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

/** What a structure block is laid out from: words, and bytes that are padded to words. */
type Part = number | Uint8Array;

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
  const { parts, strings } = layOut(fdt);
  const structureSize = parts.reduce<number>((sum, part) => sum + partSize(part), fdt.structureEnd.length);
  const structureOffset = FDT_HEADER_SIZE + (fdt.reservations.length + 1) * RESERVATION_SIZE;
  const stringsOffset = structureOffset + structureSize;
  const totalSize = stringsOffset + strings.length;
  if (totalSize >= MAX_TOTAL_SIZE) refuse('dtb-header', `the device tree would take ${hex(totalSize)} bytes`);

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
  let offset = structureOffset;
  for (const part of parts) {
    if (typeof part === 'number') view.setUint32(offset, part);
    else bytes.set(part, offset);
    offset += partSize(part);
  }
  bytes.set(fdt.structureEnd, offset);
  bytes.set(strings, stringsOffset);
  return bytes;
}

/** @throws KexecError `EINVAL`, check `dtb-reservations`, for one that would end the list or does not fit its u64s. */
export function checkReservation({ address, size }: FdtReservation): void {
  const fits = address >= 0n && address < U64_LIMIT && size > 0n && size < U64_LIMIT;
  if (!fits) refuse('dtb-reservations', `a reservation of ${hex(size)} bytes at ${hex(address)}`);
}

/** The parts of the root node, and the strings block with every name in it. */
function layOut(fdt: Fdt): { parts: Part[]; strings: Uint8Array } {
  const parts: Part[] = [];
  let { strings } = fdt;

  const nops = (count = 0): void => {
    for (let i = 0; i < count; i++) parts.push(FDT_NOP);
  };
  const property = ({ name, value, nameOffset, nopsBefore }: FdtProperty): void => {
    const fault = propertyNameFault(name);
    if (fault !== undefined) refuse('dtb-strings', fault);
    let offset = nameOffset;
    if (offset === undefined || !isNameAt(strings, offset, name)) {
      ({ strings, offset } = placeName(strings, name));
    }
    nops(nopsBefore);
    parts.push(FDT_PROP, value.length, offset, value);
  };
  const node = ({ name, properties, children, nopsBefore, nopsAtEnd }: FdtNode, level: number): void => {
    if (level > FDT_MAX_LEVELS) refuse('dtb-structure', `nodes are nested more than ${FDT_MAX_LEVELS} deep`);
    const fault = level === 1 ? rootNameFault(name) : nodeNameFault(name);
    if (fault !== undefined) refuse('dtb-structure', fault);
    nops(nopsBefore);
    parts.push(FDT_BEGIN_NODE, nameBytes(name));
    for (const item of properties) property(item);
    for (const child of children) node(child, level + 1);
    nops(nopsAtEnd);
    parts.push(FDT_END_NODE);
  };

  node(fdt.root, 1);
  return { parts, strings };
}

function partSize(part: Part): number {
  return typeof part === 'number' ? 4 : Math.ceil(part.length / 4) * 4;
}

function refuse(check: Check, seen: string): never {
  throw new KexecError({ check, errno: 'EINVAL', seen });
}
