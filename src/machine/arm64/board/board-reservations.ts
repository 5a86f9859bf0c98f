import { findFirstIndex } from '../../../base/bisect.js';
import { formatRange, overlaps, type Range, rangeOf, subtract } from '../../../base/range.js';
import { addNode, addReservation, deleteProperty, findNode } from '../../../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../../../formats/fdt/tree.js';
import { isAvailable, readRegRanges } from '../../device-tree.js';
import { copyNode, encodeReg, putProperty } from './board-tree.js';

/** A node of /reserved-memory and its ranges; none if the kernel chooses them. */
interface Region {
  readonly node: FdtNode;
  readonly ranges: readonly Range[];
}

/**
 * Reserves the memory that the firmware has set aside: secure firmware, spin tables, programs of coprocessors. A kernel
 * uses all memory of its device tree that is not reserved (booting.rst, section 4).
 *
 * @param old - the running kernel's device tree, whose memory is free
 * @returns a sentence for each change
 */
export function mergeReservations(running: Fdt, board: Fdt, old: Range | undefined): string[] {
  const block = readBlock(running);
  const regions = readRegions(running);
  const reserved = [...readBlock(board), ...joinRanges(readRegions(board))];
  const isMissing = buildMissingTest(reserved, [...block, ...joinRanges(regions)]);
  return [
    ...addToBlock(
      block.filter((range) => isMissing(range) && !isSame(range, old)),
      board,
    ),
    ...addToNodes(
      regions.filter(({ ranges }) => ranges.some(isMissing)),
      running,
      board,
    ),
  ];
}

/** The reservation block: Devicetree Specification v0.4, section 5.3. */
function addToBlock(missing: readonly Range[], board: Fdt): string[] {
  return missing.map((range) => {
    addReservation(board, range.start, range.end - range.start);
    return `${formatRange(range)} stays reserved, as in the running device tree`;
  });
}

/** /reserved-memory: Devicetree Specification v0.4, section 3.5. */
function addToNodes(missing: readonly Region[], running: Fdt, board: Fdt): string[] {
  const from = findNode(running, '/reserved-memory');
  if (from === undefined || missing.length === 0) return [];
  const to = findNode(board, '/reserved-memory') ?? addReservedMemory(board);
  const own = new Map(to.children.map((node) => [node.name, node]));
  return missing.map(({ node, ranges }) => {
    const same = own.get(node.name);
    if (same === undefined) {
      to.children.push(copyNode(node, from, to));
    } else {
      // The same region in another place, or disabled in the file: the firmware's place counts.
      putProperty(same, 'reg', encodeReg(ranges, to));
      deleteProperty(same, 'status');
    }
    return `/reserved-memory/${node.name}, ${ranges.map(formatRange).join(', ')}, is the running device tree's`;
  });
}

/** Adds a /reserved-memory as the kernel requires it: with the root's cells, and `ranges`. */
function addReservedMemory({ root }: Fdt): FdtNode {
  const node = addNode(root, 'reserved-memory');
  for (const { name, value } of root.properties) {
    if (name === '#address-cells' || name === '#size-cells') putProperty(node, name, value);
  }
  putProperty(node, 'ranges', new Uint8Array(0));
  return node;
}

function readBlock({ reservations }: Fdt): Range[] {
  return reservations.map(({ address, size }) => rangeOf(address, size));
}

function readRegions(fdt: Fdt): Region[] {
  const parent = findNode(fdt, '/reserved-memory');
  if (parent === undefined) return [];
  return parent.children.filter(isAvailable).map((node) => ({ node, ranges: readRegRanges(node, parent) }));
}

function joinRanges(regions: readonly Region[]): Range[] {
  return regions.flatMap(({ ranges }) => ranges);
}

/** Builds a test for one of the ranges: whether a part of it is not covered. */
function buildMissingTest(covered: readonly Range[], ranges: readonly Range[]): (range: Range) => boolean {
  const left = subtract(ranges, covered);
  return (range) => {
    // The first piece that ends after the range's start: pieces are apart, and lowest first.
    const piece = left[findFirstIndex(left.length, (index) => (left[index] as Range).end > range.start)];
    return piece !== undefined && overlaps(piece, range);
  };
}

function isSame(a: Range, b: Range | undefined): boolean {
  return a.start === b?.start && a.end === b.end;
}
