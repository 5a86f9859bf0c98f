import { element } from './der.js';

/** A parsed element: its tag, and its contents or the elements in it. */
export interface DerNode {
  readonly tag: number;
  /** Its contents, if they are not parsed. */
  readonly bytes: Uint8Array;
  /** The elements in it. */
  readonly children: readonly DerNode[] | undefined;
  /** The bytes before the first element, in a parsed octet or bit string. */
  readonly prefix: Uint8Array;
}

/** The path to a node: the index of a child at each level. */
export type DerPath = readonly number[];

const NONE = new Uint8Array();

/**
 * Parses one well-formed element. Octet and bit strings are parsed too if they contain complete elements in a sequence,
 * as in extensions and RSA keys.
 */
export function parseDer(bytes: Uint8Array): DerNode {
  const nodes = parseAll(bytes);
  const [node] = nodes ?? [];
  if (nodes?.length !== 1 || node === undefined) throw new Error('not one element of DER');
  return node;
}

/** The bytes of a node. */
export function encodeDer(node: DerNode): Uint8Array {
  return element(node.tag, ...encodeContents(node));
}

/** This node and every node below it, in the order of their first bytes. */
export function walkDer(node: DerNode, path: DerPath = []): { path: DerPath; node: DerNode }[] {
  const below = node.children?.flatMap((child, index) => walkDer(child, [...path, index])) ?? [];
  return [{ path, node }, ...below];
}

/**
 * Encodes a tree in which one node is replaced by other bytes. The lengths of the elements around it are adjusted.
 *
 * @param replacement - returns the bytes for the node, which may be none or several elements
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
export function encodeContents(node: DerNode): Uint8Array[] {
  return node.children === undefined ? [node.bytes] : [node.prefix, ...node.children.map(encodeDer)];
}

/** The node at a path. */
export function findNode(root: DerNode, path: DerPath): DerNode {
  const [index, ...rest] = path;
  if (index === undefined) return root;
  const child = root.children?.[index];
  if (child === undefined) throw new Error(`there is no element ${path.join('.')}`);
  return findNode(child, rest);
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
