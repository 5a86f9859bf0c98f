import { concatenate } from '../../src/base/bytes.js';
import { ensureNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt, createNode, type Fdt } from '../../src/formats/fdt/tree.js';
import { encodeString, encodeU32, encodeU64 } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';

/** An address and a size. */
export type Block = readonly [address: bigint, size: bigint];

/** A memory node of a test. */
export interface MemoryNode {
  readonly reg: readonly Block[];
  readonly status?: string;
  /** `linux,usable-memory`. */
  readonly usable?: readonly Block[];
  readonly numaNode?: number;
  readonly isHotpluggable?: boolean;
  /** Bytes after the last entry of `reg`. */
  readonly tail?: number;
}

/** What a test gives of a board. */
export interface Board {
  readonly nodes: readonly MemoryNode[];
  /** /chosen's `linux,usable-memory-range`. */
  readonly usableRange?: readonly Block[];
  readonly bootargs?: string;
  /** /chosen's `linux,uefi-mmap-start`. */
  readonly uefiMap?: bigint;
  /** The children of /reserved-memory. */
  readonly regions?: readonly { readonly range: Block; readonly status?: string }[];
}

/** The device tree of a board, with 64-bit cells. */
export function buildBoard(board: Board): Uint8Array {
  return writeFdt(buildBoardTree(board));
}

/** {@link buildBoard} before it is written. */
export function buildBoardTree({ nodes, usableRange, bootargs, uefiMap, regions = [] }: Board): Fdt {
  const fdt = createFdt();
  setCells(fdt, '/');
  for (const [index, node] of nodes.entries()) addMemoryNode(fdt, node, index);
  if (regions.length > 0) setCells(fdt, '/reserved-memory');
  for (const [index, { range, status }] of regions.entries()) {
    const region = ensureNode(fdt, `/reserved-memory/region@${index}`);
    setProperty(fdt, region, 'reg', encodeBlocks([range]));
    if (status !== undefined) setProperty(fdt, region, 'status', encodeString(status));
  }
  const chosen = ensureNode(fdt, '/chosen');
  if (usableRange !== undefined)
    setProperty(fdt, chosen, 'linux,usable-memory-range', encodeBlocks(usableRange));
  if (bootargs !== undefined) setProperty(fdt, chosen, 'bootargs', encodeString(bootargs));
  if (uefiMap !== undefined) setProperty(fdt, chosen, 'linux,uefi-mmap-start', encodeU64(uefiMap));
  return fdt;
}

function addMemoryNode(fdt: Fdt, memory: MemoryNode, index: number): void {
  const { reg, status, usable, numaNode, isHotpluggable, tail = 0 } = memory;
  // addNode() would search all others first.
  const node = createNode(`memory@${index}`);
  fdt.root.children.push(node);
  setProperty(fdt, node, 'device_type', encodeString('memory'));
  setProperty(fdt, node, 'reg', concatenate([encodeBlocks(reg), new Uint8Array(tail)]));
  if (status !== undefined) setProperty(fdt, node, 'status', encodeString(status));
  if (usable !== undefined) setProperty(fdt, node, 'linux,usable-memory', encodeBlocks(usable));
  if (numaNode !== undefined) setProperty(fdt, node, 'numa-node-id', encodeU32(numaNode));
  if (isHotpluggable === true) setProperty(fdt, node, 'hotpluggable', new Uint8Array(0));
}

function setCells(fdt: Fdt, path: string): void {
  const node = ensureNode(fdt, path);
  setProperty(fdt, node, '#address-cells', encodeU32(2));
  setProperty(fdt, node, '#size-cells', encodeU32(2));
}

function encodeBlocks(blocks: readonly Block[]): Uint8Array {
  return concatenate(blocks.flatMap(([address, size]) => [encodeU64(address), encodeU64(size)]));
}
