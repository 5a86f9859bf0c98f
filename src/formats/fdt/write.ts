import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import { magicBytes } from '../magics.js';
import { FDT_HEADER_SIZE, FDT_VERSION } from './header.js';
import {
  encodeName,
  findNodeNameFault,
  findPropertyNameFault,
  findRootNameFault,
  isNameAt,
  placeName,
} from './names.js';
import { checkTotalSize, StructureWriter } from './structure-writer.js';
import {
  FDT_BEGIN_NODE,
  FDT_END_NODE,
  FDT_MAX_LEVELS,
  FDT_PROP,
  type Fdt,
  type FdtNode,
  type FdtProperty,
  type FdtReservation,
} from './tree.js';

const RESERVATION_SIZE = 16;

/**
 * Encodes a device tree of version 17 as libfdt's `fdt_pack()` leaves it: header, reservations, structure, strings,
 * without gaps. Padding is zero, where libfdt leaves old bytes.
 *
 * A property name that is missing in the strings block is appended to the encoded block; `fdt` is not modified.
 *
 * @throws KexecError `EINVAL`, check `dtb-structure`, `dtb-strings`, `dtb-reservations` or `dtb-header`, if the tree
 *   was modified into one that could not be parsed.
 */
export function writeFdt(fdt: Fdt): Uint8Array {
  for (const reservation of fdt.reservations) checkReservation(reservation);
  const { structure, strings } = encodeTree(fdt);
  const structureSize = structure.length + fdt.structureEnd.length;
  const structureOffset = FDT_HEADER_SIZE + (fdt.reservations.length + 1) * RESERVATION_SIZE;
  const stringsOffset = structureOffset + structureSize;
  const totalSize = stringsOffset + strings.length;
  checkTotalSize(totalSize);

  const bytes = new Uint8Array(totalSize);
  const view = new DataView(bytes.buffer);
  const header = [
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
  bytes.set(magicBytes('fdt'));
  for (const [i, field] of header.entries()) view.setUint32(4 + 4 * i, field);
  for (const [i, { address, size }] of fdt.reservations.entries()) {
    view.setBigUint64(FDT_HEADER_SIZE + RESERVATION_SIZE * i, address);
    view.setBigUint64(FDT_HEADER_SIZE + RESERVATION_SIZE * i + 8, size);
  }
  bytes.set(structure, structureOffset);
  bytes.set(fdt.structureEnd, structureOffset + structure.length);
  bytes.set(strings, stringsOffset);
  return bytes;
}

/**
 * @throws KexecError `EINVAL`, check `dtb-reservations`, for size 0, which ends the list, or numbers beyond 64 bits.
 */
export function checkReservation({ address, size }: FdtReservation): void {
  const fits = address >= 0n && address < U64_LIMIT && size > 0n && size < U64_LIMIT;
  if (!fits) refuse('dtb-reservations', 'EINVAL', `a reservation of ${formatBytes(size)} at ${hex(address)}`);
}

/** Encodes the root node as it is in the structure block, and the strings block with every name in it. */
function encodeTree(fdt: Fdt): { structure: Uint8Array; strings: Uint8Array } {
  const structure = new StructureWriter();
  let { strings } = fdt;
  /** Names that were found, by offset: the block only grows, and a board has each name many times. */
  const found = new Map<number, string>();

  const findOffset = ({ name, nameOffset }: FdtProperty): number => {
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
  const writeProperty = (property: FdtProperty): void => {
    structure.writeNops(property.nopsBefore);
    structure.writeWord(FDT_PROP);
    structure.writeWord(property.value.length);
    structure.writeWord(findOffset(property));
    structure.writePadded(property.value);
  };
  const writeNode = ({ name, properties, children, nopsBefore, nopsAtEnd }: FdtNode, level: number): void => {
    if (level > FDT_MAX_LEVELS)
      refuse('dtb-structure', 'EINVAL', `nodes are nested more than ${FDT_MAX_LEVELS} deep`);
    const fault = level === 1 ? findRootNameFault(name) : findNodeNameFault(name);
    if (fault !== undefined) refuse('dtb-structure', 'EINVAL', fault);
    structure.writeNops(nopsBefore);
    structure.writeWord(FDT_BEGIN_NODE);
    structure.writePadded(encodeName(name));
    for (const property of properties) writeProperty(property);
    for (const child of children) writeNode(child, level + 1);
    structure.writeNops(nopsAtEnd);
    structure.writeWord(FDT_END_NODE);
  };

  writeNode(fdt.root, 1);
  return { structure: structure.bytes, strings };
}
