import { align4, BoundedBytes } from '../../base/bytes.js';
import type { Check } from '../../base/checks.js';
import { hex } from '../../base/u64.js';
import { type FdtHeader, parseFdtHeader } from './header.js';
import { findNodeNameFault, findPropertyNameFault, findRootNameFault } from './names.js';
import {
  createNode,
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_MAX_ITEMS,
  FDT_MAX_LEVELS,
  FDT_NOP,
  FDT_PROP,
  type Fdt,
  type FdtNode,
  type FdtProperty,
  type FdtReservation,
} from './tree.js';

/** Returns the name at an offset of the strings block. */
type NameReader = (nameOffset: number) => string;

/**
 * Parses a flattened device tree of version 16 or 17, or of a later one that is compatible with 17: Devicetree
 * Specification v0.4, chapter 5. Values share memory with `bytes`; bytes after the totalsize of the blob are ignored.
 *
 * All properties and nodes of the same name are kept; lookups find the first, as in libfdt.
 *
 * @throws KexecError `EINVAL`, check `dtb-header`, `dtb-reservations`, `dtb-structure` or `dtb-strings`, if the tree is
 *   malformed.
 */
export function parseFdt(bytes: Uint8Array): Fdt {
  const header = parseFdtHeader(bytes);
  const { structureOffset, structureSize, stringsOffset, stringsSize } = header;

  const stringsEnd = stringsOffset + stringsSize;
  const names = createNameReader(boundBytes(bytes, stringsEnd, 'dtb-strings'), stringsOffset);

  const bound = structureSize === undefined ? header.totalSize : structureOffset + structureSize;
  const structure = boundBytes(bytes, bound, 'dtb-structure');
  const { root, end } = parseRoot(structure, structureOffset, names);
  const treeEnd = findEnd(structure, end);

  return {
    lastCompatibleVersion: header.lastCompatibleVersion,
    bootCpu: header.bootCpu,
    reservations: parseReservations(bytes, header),
    root,
    strings: bytes.subarray(stringsOffset, stringsEnd),
    // Version 16 has no size of its structure block, which ends with FDT_END.
    structureEnd: bytes.subarray(end, structureSize === undefined ? treeEnd : bound),
  };
}

/** Bounds reads by the end of a block; offsets in errors are offsets in the file. */
function boundBytes(bytes: Uint8Array, end: number, check: Extract<Check, `dtb-${string}`>): BoundedBytes {
  return new BoundedBytes(bytes.subarray(0, end), { what: 'device tree', check, errno: 'EINVAL' });
}

/** Parses the entries before the first of size 0, where libfdt's `fdt_num_mem_rsv()` and the kernel stop. */
function parseReservations(bytes: Uint8Array, header: FdtHeader): FdtReservation[] {
  const block = boundBytes(bytes, header.totalSize, 'dtb-reservations');
  const reservations: FdtReservation[] = [];
  for (let offset = header.reservationsOffset; ; offset += 16) {
    const address = block.u64be(offset);
    const size = block.u64be(offset + 8);
    if (size === 0n) return reservations;
    reservations.push({ address, size });
  }
}

function createNameReader(strings: BoundedBytes, start: number): NameReader {
  const known = new Map<number, string>();
  return (nameOffset) => {
    const cached = known.get(nameOffset);
    if (cached !== undefined) return cached;
    const offset = start + nameOffset;
    const name = strings.cString(offset, strings.length, 'a property name');
    const fault = findPropertyNameFault(name);
    if (fault !== undefined) strings.fail(fault, offset);
    known.set(nameOffset, name);
    return name;
  };
}

/** Parses the root node and everything below it. An explicit stack of open nodes replaces recursion. */
function parseRoot(
  structure: BoundedBytes,
  start: number,
  readPropertyName: NameReader,
): { root: FdtNode; end: number } {
  const first = structure.u32be(start);
  if (first !== FDT_BEGIN_NODE) structure.fail(`token ${hex(first)} in place of the root node`, start);
  const root = createNode(readName(structure, start + 4, findRootNameFault));
  const open = [root];
  let offset = start + 8;
  let nops = 0;
  let items = 1;
  for (let node: FdtNode | undefined = root; node !== undefined; node = open.at(-1)) {
    const token = structure.u32be(offset);
    switch (token) {
      case FDT_NOP:
        nops += 1;
        offset += 4;
        continue;
      case FDT_PROP: {
        if (node.children.length > 0) structure.fail('a property follows a child node', offset);
        const property = parseProperty(structure, offset, readPropertyName);
        if (nops > 0) property.nopsBefore = nops;
        node.properties.push(property);
        items += 1;
        offset = align4(offset + 12 + property.value.length);
        break;
      }
      case FDT_BEGIN_NODE: {
        const child = parseBeginning(structure, offset, open.length);
        if (nops > 0) child.nopsBefore = nops;
        node.children.push(child);
        open.push(child);
        items += 1;
        offset = align4(offset + 4 + child.name.length + 1);
        break;
      }
      case FDT_END_NODE:
        if (nops > 0) node.nopsAtEnd = nops;
        open.pop();
        offset += 4;
        break;
      default:
        structure.fail(`token ${hex(token)} within a node`, offset);
    }
    nops = 0;
    if (items > FDT_MAX_ITEMS) structure.fail(`more than ${FDT_MAX_ITEMS} nodes and properties`, offset);
  }
  return { root, end: offset };
}

/** Parses the name of a node that begins within `level` others. */
function parseBeginning(structure: BoundedBytes, offset: number, level: number): FdtNode {
  if (level === FDT_MAX_LEVELS) structure.fail(`nodes are nested more than ${FDT_MAX_LEVELS} deep`, offset);
  return createNode(readName(structure, offset + 4, findNodeNameFault));
}

function readName(
  structure: BoundedBytes,
  offset: number,
  findFault: (name: string) => string | undefined,
): string {
  const name = structure.cString(offset, structure.length, 'a node name');
  const fault = findFault(name);
  if (fault !== undefined) structure.fail(fault, offset);
  return name;
}

function parseProperty(structure: BoundedBytes, offset: number, readPropertyName: NameReader): FdtProperty {
  const length = structure.u32be(offset + 4);
  const nameOffset = structure.u32be(offset + 8);
  const value = structure.slice(offset + 12, length, "a property's value");
  return { name: readPropertyName(nameOffset), value, nameOffset };
}

/** Finds the end of the FDT_END that follows the root node. */
function findEnd(structure: BoundedBytes, start: number): number {
  for (let offset = start; ; offset += 4) {
    const token = structure.u32be(offset);
    if (token === FDT_END) return offset + 4;
    if (token !== FDT_NOP) structure.fail(`token ${hex(token)} after the root node`, offset);
  }
}
