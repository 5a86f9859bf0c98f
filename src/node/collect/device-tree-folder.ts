import { concatenate } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { encodeName } from '../../formats/fdt/names.js';
import { createFdt, FDT_MAX_LEVELS, type FdtNode } from '../../formats/fdt/tree.js';
import { writeFdt } from '../../formats/fdt/write.js';
import type { CollectedFiles } from './collected-files.js';

/**
 * A flattened device tree of what was collected of `/proc/device-tree`: a folder for each node, a file for each
 * property. It lacks what the kernel does not show there, the reservation block; and the order of nodes and properties,
 * which means nothing, is that of their names.
 *
 * The kernel adds a property `name` to each node that has none, the node's name without its unit address
 * (`populate_node()`); it is left out, as the flattened tree has none either.
 *
 * @param folder - the name before the first slash.
 * @returns undefined if nothing was collected of it.
 * @throws KexecError `EINVAL`, a check of the device tree, for names that cannot be in one or a tree that is too deep.
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

/** The node of a path, which is added, with those above it, where it is missing. */
function ensureNodeAt(nodes: Map<string, FdtNode>, parts: readonly string[]): FdtNode {
  const path = parts.join('/');
  const existing = nodes.get(path);
  if (existing !== undefined) return existing;
  if (parts.length > FDT_MAX_LEVELS) {
    refuse(
      'dtb-structure',
      'EINVAL',
      `${parts.length} levels of nodes, where a tree may have ${FDT_MAX_LEVELS}`,
    );
  }
  const node: FdtNode = { name: parts.at(-1) ?? '', properties: [], children: [] };
  ensureNodeAt(nodes, parts.slice(0, -1)).children.push(node);
  nodes.set(path, node);
  return node;
}

/** Names of properties, once each. */
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
