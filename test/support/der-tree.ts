import { element } from './der.js';

/** An element as it was read: the bytes of its identifier and contents, and the elements that it is made of. */
export interface DerNode {
  readonly tag: number;
  /** Its contents, if it is not taken apart. */
  readonly bytes: Uint8Array;
  /** What it is made of. */
  readonly children: readonly DerNode[] | undefined;
  /** For what stands in an octet or bit string: the bytes before the first element. */
  readonly prefix: Uint8Array;
}

/** Where a node is: the index of the child to follow, at each level. */
export type DerPath = readonly number[];

const NONE = new Uint8Array();

/**
 * Takes one well-formed element apart. Octet and bit strings are taken apart too if they hold whole elements in a
 * sequence, as extensions and RSA keys do.
 */
export function parseDer(bytes: Uint8Array): DerNode {
  const nodes = parseAll(bytes);
  const [node] = nodes ?? [];
  if (nodes?.length !== 1 || node === undefined) throw new Error('not one element of DER');
  return node;
}

/** The bytes of a node. */
export function encodeDer(node: DerNode): Uint8Array {
  return element(node.tag, ...contentsOf(node));
}

/** Every node below and including this one, in the order in which they begin. */
export function walkDer(node: DerNode, path: DerPath = []): { path: DerPath; node: DerNode }[] {
  const below = node.children?.flatMap((child, index) => walkDer(child, [...path, index])) ?? [];
  return [{ path, node }, ...below];
}

/**
 * The bytes of a tree in which one node is replaced by other bytes; the lengths of what it stands in follow.
 *
 * @param replacement gives the bytes to stand for the node, and may leave it out or put more there
 */
export function replaceInDer(
  root: DerNode,
  path: DerPath,
  replacement: (node: DerNode) => Uint8Array,
): Uint8Array {
  const [index, ...rest] = path;
  if (index === undefined) return replacement(root);
  const children = (root.children ?? []).map((child, position) =>
    position === index ? replaceInDer(child, rest, replacement) : encodeDer(child),
  );
  return element(root.tag, root.prefix, ...children);
}

/** The contents of a node, in pieces. */
export function contentsOf(node: DerNode): Uint8Array[] {
  return node.children === undefined ? [node.bytes] : [node.prefix, ...node.children.map(encodeDer)];
}

/** The node at a path. */
export function nodeAt(root: DerNode, path: DerPath): DerNode {
  const [index, ...rest] = path;
  if (index === undefined) return root;
  const child = root.children?.[index];
  if (child === undefined) throw new Error(`there is no element ${path.join('.')}`);
  return nodeAt(child, rest);
}

function parseAll(bytes: Uint8Array): DerNode[] | undefined {
  const nodes: DerNode[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const header = parseHeader(bytes, offset);
    if (header === undefined) return undefined;
    nodes.push(parseContents(header.tag, bytes.subarray(header.start, header.end)));
    offset = header.end;
  }
  return nodes;
}

function parseHeader(bytes: Uint8Array, offset: number) {
  const [tag = 0, first = 0, second = 0, third = 0] = bytes.subarray(offset, offset + 4);
  if ((tag & 0x1f) === 0x1f || tag === 0) return undefined;
  const [size, length] =
    first < 0x80
      ? [2, first]
      : first === 0x81
        ? [3, second]
        : first === 0x82
          ? [4, second * 256 + third]
          : [];
  if (size === undefined || length === undefined) return undefined;
  const start = offset + size;
  return start + length > bytes.length ? undefined : { tag, start, end: start + length };
}

function parseContents(tag: number, contents: Uint8Array): DerNode {
  const leaf: DerNode = { tag, bytes: contents, children: undefined, prefix: NONE };
  const prefixSize = { 3: 1, 4: 0 }[tag];
  const constructed = (tag & 0x20) !== 0;
  if (!constructed && (prefixSize === undefined || contents[prefixSize] !== 0x30)) return leaf;
  const prefix = contents.subarray(0, prefixSize ?? 0);
  const children = parseAll(contents.subarray(prefix.length));
  return children === undefined ? leaf : { ...leaf, children, prefix };
}
