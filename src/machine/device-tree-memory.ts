import { intersectEach, isEmpty, type Range, subtractFromEach, totalSize, union } from '../base/range.js';
import { alignDown, alignUp, minimum, U64_LIMIT } from '../base/u64.js';
import { readAddressCells, readSizeCells } from '../formats/fdt/cells.js';
import { findNode, getProperty } from '../formats/fdt/edit.js';
import type { Fdt, FdtNode } from '../formats/fdt/tree.js';
import { type FdtRange, readReg, readU32 } from '../formats/fdt/values.js';
import { isAvailable, isMemory } from './device-tree.js';

/** The page size of the kernel that reads a tree, unless another is known. */
const PAGE_SIZE = 4096;

/** `MAX_USABLE_RANGES` of drivers/of/fdt.c: two crash regions and four crash CMA ranges; before those, two. */
const MAX_USABLE_RANGES = 6;

/**
 * The RAM of a device tree as the kernel reads it, lowest first (`early_init_dt_scan_memory()`): the
 * `linux,usable-memory` or else the `reg` of every memory node of the root whose `status` is not another than `okay`,
 * in whole pages. Ranges that touch or overlap are joined, unless they lie on different NUMA nodes
 * (`memblock_merge_regions()`; since Linux 6.12, `numa_memblks_init()` forgets which are hot-pluggable, and older
 * kernels do not join those). A capture kernel's RAM is cut to `linux,usable-memory-range`.
 *
 * @param pageSize - of the kernel, in bytes
 * @param hasNuma - whether the kernel takes notice of NUMA nodes
 */
export function findMemory(fdt: Fdt, pageSize: number = PAGE_SIZE, hasNuma = true): Range[] {
  const banks = listBanks(fdt, pageSize);
  const ram = union(banks.map(({ range }) => range));
  return capMemory(hasNuma ? cutAt(ram, findSeams(banks)) : ram, fdt);
}

/** The RAM that a device tree calls `hotpluggable`. @param pageSize - as for {@link findMemory} */
export function findHotpluggable(fdt: Fdt, pageSize: number = PAGE_SIZE): Range[] {
  return union(
    listBanks(fdt, pageSize).flatMap(({ range, isHotpluggable }) => (isHotpluggable ? [range] : [])),
  );
}

/** A range of a memory node. */
interface Bank {
  readonly range: Range;
  readonly isHotpluggable: boolean;
  /** Its `numa-node-id`. */
  readonly numaNode: number | undefined;
}

function listBanks({ root }: Fdt, pageSize: number): Bank[] {
  const nodes = root.children.filter((node) => isMemory(node) && isAvailable(node));
  return nodes.flatMap((node) => {
    const usable = getProperty(node, 'linux,usable-memory') ?? getProperty(node, 'reg');
    const numa = getProperty(node, 'numa-node-id');
    const facts = {
      isHotpluggable: getProperty(node, 'hotpluggable') !== undefined,
      numaNode: numa?.length === 4 ? readU32(numa) : undefined,
    };
    return (usable === undefined ? [] : readPages(usable, root, BigInt(pageSize))).map((range) => ({
      range,
      ...facts,
    }));
  });
}

/**
 * The whole pages in the ranges of a value. An incomplete entry at its end is ignored, and so is what leaves 64 bits
 * (`early_init_dt_add_memory_arch()`, `memblock_cap_size()`).
 */
function readPages(value: Uint8Array, root: FdtNode, pageSize: bigint): Range[] {
  return readEntries(value, root).flatMap(({ address, size }) => {
    const start = alignUp(address, pageSize);
    const end = alignDown(minimum(address + size, U64_LIMIT), pageSize);
    return start < end ? [{ start, end }] : [];
  });
}

/** The complete pairs of address and size in a value, in the cells of the root. */
function readEntries(value: Uint8Array, root: FdtNode): FdtRange[] {
  const [addressCells, sizeCells] = [readAddressCells(root), readSizeCells(root)];
  const entry = 4 * (addressCells + sizeCells);
  return readReg(value.subarray(0, value.length - (value.length % entry)), addressCells, sizeCells);
}

/**
 * The addresses where ranges do not become one: the ends of the NUMA nodes, if every range has one and they do not
 * overlap. Otherwise the kernel takes all for one node (`dummy_numa_init()`).
 */
function findSeams(banks: readonly Bank[]): bigint[] {
  if (banks.some(({ numaNode }) => numaNode === undefined)) return [];
  const nodes = new Map<number | undefined, Range[]>();
  for (const { range, numaNode } of banks) {
    const ranges = nodes.get(numaNode) ?? [];
    ranges.push(range);
    nodes.set(numaNode, ranges);
  }
  const joined = [...nodes.values()].map(union);
  const overlap = joined.reduce((sum, ranges) => sum + totalSize(ranges), 0n) > totalSize(joined.flat());
  return overlap ? [] : joined.flatMap((ranges) => ranges.flatMap(({ start, end }) => [start, end]));
}

/** Cuts ranges at addresses that lie within them. @param ranges - lowest first, without overlaps */
function cutAt(ranges: readonly Range[], addresses: readonly bigint[]): Range[] {
  const sorted = [...new Set(addresses)].sort((a, b) => (a < b ? -1 : 1));
  let next = 0;
  return ranges.flatMap(({ start, end }) => {
    while (next < sorted.length && (sorted[next] as bigint) <= start) next += 1;
    const first = next;
    while (next < sorted.length && (sorted[next] as bigint) < end) next += 1;
    const edges = [start, ...sorted.slice(first, next), end];
    return edges.slice(1).map((edge, index) => ({ start: edges[index] as bigint, end: edge }));
  });
}

/**
 * Cuts RAM to the first range of /chosen's `linux,usable-memory-range`, and adds the others:
 * `early_init_dt_check_for_usable_mem_range()`. It ignores a value that does not consist of whole ranges.
 */
function capMemory(memory: Range[], { root }: Fdt): Range[] {
  const chosen = findNode(root, '/chosen');
  const value = chosen && getProperty(chosen, 'linux,usable-memory-range');
  if (value === undefined || value.length % (4 * (readAddressCells(root) + readSizeCells(root))) !== 0)
    return memory;
  const [high, ...others] = readEntries(value, root)
    .slice(0, MAX_USABLE_RANGES)
    .map(({ address, size }) => ({ start: address, end: minimum(address + size, U64_LIMIT) }));
  const capped = high === undefined || isEmpty(high) ? memory : intersectEach(memory, [high]);
  const added = union(others.filter((range) => !isEmpty(range)));
  if (added.length === 0) return capped;
  return [...subtractFromEach(capped, added), ...added].sort((a, b) => (a.start < b.start ? -1 : 1));
}
