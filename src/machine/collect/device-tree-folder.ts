import { concatenate } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { encodeName } from '../../formats/fdt/names.js';
import { createFdt, FDT_MAX_LEVELS, type FdtNode } from '../../formats/fdt/tree.js';
import { writeFdt } from '../../formats/fdt/write.js';
import type { CollectedFiles } from './collected-files.js';

/**
 * Builds a flattened device tree from a copy of `/proc/device-tree`: one folder for each node, one file for each
 * property. The reservation block is empty, because the kernel does not show it. Nodes and properties are in the order
 * of their names; their order has no meaning.
 *
 * Properties called `name` are left out: the kernel adds them (`populate_node()`).
 *
 * @param folder - the part of the files' names before the first slash
 * @returns undefined if there is no such file
 * @throws KexecError `EINVAL`, a check of the device tree, for an invalid name and for a tree that is too deep
 */
export function buildFdtFromFolder(folder: string, files: CollectedFiles): Uint8Array | undefined {
  const fdt = createFdt();
  const nodes = new Map<string, FdtNode>([[folder, fdt.root]]);
  const names = new StringsBlock();
  for (const [path, value] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!path.startsWith(`${folder}/`)) continue;
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    const node = ensureNodeAt(nodes, path.slice(0, slash).split('/'));
    if (name !== 'name') node.properties.push({ name, value, nameOffset: names.offsetOf(name) });
  }
  if (fdt.root.properties.length === 0 && fdt.root.children.length === 0) return undefined;
  fdt.strings = names.bytes();
  return writeFdt(fdt);
}

/** Finds the node of a path. Adds it and the nodes above it if they are missing. */
function ensureNodeAt(nodes: Map<string, FdtNode>, parts: readonly string[]): FdtNode {
  const path = parts.join('/');
  const existing = nodes.get(path);
  if (existing !== undefined) return existing;
  if (parts.length > FDT_MAX_LEVELS) {
    refuse(
      'dtb-structure',
      'EINVAL',
      `the device tree has ${parts.length} levels of nodes, more than ${FDT_MAX_LEVELS}`,
    );
  }
  const node: FdtNode = { name: parts.at(-1) ?? '', properties: [], children: [] };
  ensureNodeAt(nodes, parts.slice(0, -1)).children.push(node);
  nodes.set(path, node);
  return node;
}

/** A strings block with each name of a property once. A map finds names faster than a search of the block. */
class StringsBlock {
  readonly #offsets = new Map<string, number>();
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#size;
    const part = encodeName(name);
    this.#offsets.set(name, offset);
    this.#parts.push(part);
    this.#size += part.length;
    return offset;
  }

  bytes(): Uint8Array {
    return concatenate(this.#parts);
  }
}
