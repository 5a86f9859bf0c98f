import { encodeLength, nullValue, oid } from '../support/der.js';
import {
  type DerNode,
  encodeContents,
  encodeDer,
  findNode,
  parseDer,
  replaceInDer,
  walkDer,
} from '../support/der-tree.js';

/** A changed structure, and the name of the change. */
export interface Mutation {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A change of an element: returns the bytes that replace it, or undefined if there is no such change. */
type ElementChange = (node: DerNode, whole: Uint8Array, contents: Uint8Array) => Uint8Array | undefined;

const retag =
  (change: (tag: number) => number): ElementChange =>
  (node, whole) =>
    concat([change(node.tag) & 0xff], whole.subarray(1));

/** Encodes the length differently; the contents stay the same. */
const relength =
  (octets: (length: number) => Uint8Array | number[]): ElementChange =>
  (node, _, contents) =>
    concat([node.tag], octets(contents.length), contents);

const recontent =
  (change: (contents: Uint8Array) => Uint8Array | undefined): ElementChange =>
  (node, _, contents) => {
    const changed = change(contents);
    return changed && concat([node.tag], encodeLength(changed.length), changed);
  };

/** Changes for every element. */
const CHANGES: Readonly<Record<string, ElementChange>> = {
  'another class': retag((tag) => tag ^ 0x40),
  'constructed or not': retag((tag) => tag ^ 0x20),
  'another tag': retag((tag) => tag ^ 0x01),
  'a long tag': (_, whole) => concat([0x1f | (whole[0] ?? 0), 0x05], whole.subarray(1)),
  'end of contents': () => Uint8Array.of(0, 0),
  'length too long': relength((length) => encodeLength(length + 1)),
  'length too short': relength((length) => encodeLength(Math.max(0, length - 1))),
  'length in 1 more octet': relength((length) => encodeLength(length, length < 0x80 ? 1 : 2)),
  'length in 2 octets': relength((length) => encodeLength(length, 2)),
  'length in 3 octets': relength((length) => encodeLength(length, 3)),
  'a huge length': relength(() => [0x82, 0xff, 0xff]),
  'a reserved length': relength(() => [0xff]),
  'no end of contents': relength(() => [0x80]),
  'indefinite length': (node, _, contents) => concat([node.tag, 0x80], contents, [0, 0]),
  'first byte': recontent((contents) => flipped(contents, 0)),
  'last byte': recontent((contents) => flipped(contents, contents.length - 1)),
  empty: recontent((contents) => (contents.length === 0 ? undefined : new Uint8Array())),
  'a byte less': recontent((contents) => (contents.length === 0 ? undefined : contents.subarray(0, -1))),
  'a byte more': recontent((contents) => concat(contents, [0])),
  'a byte before': recontent((contents) => concat([0], contents)),
  deleted: () => new Uint8Array(),
  twice: (_, whole) => concat(whole, whole),
  'NULL instead': () => nullValue(),
  'NULL behind': (_, whole) => concat(whole, nullValue()),
  wrapped: (node, whole) => concat([node.tag | 0x20], encodeLength(whole.length), whole),
};

/** Changes for object identifiers. */
const OID_CHANGES: Readonly<Record<string, ElementChange>> = {
  'an unknown OID': () => oid('1.3.6.1.4.1.99999.1'),
  'another OID': () => oid('2.5.4.3'),
  'a huge OID': () => concat([6, 0x81, 200], new Uint8Array(200).fill(0x81)),
  'an unfinished OID': recontent((contents) => concat(contents, [0x81])),
};

/** Changes every element of a structure in every way, one change at a time. The elements around it stay well-formed. */
export function mutateDer(
  bytes: Uint8Array,
  wanted: (change: string, path: readonly number[]) => boolean = () => true,
): Mutation[] {
  const root = parseDer(bytes);
  return walkDer(root).flatMap(({ path, node }) => {
    const changes = node.tag === 6 ? { ...CHANGES, ...OID_CHANGES } : CHANGES;
    const changed = Object.entries(changes)
      .filter(([name]) => wanted(name, path))
      .flatMap(([name, change]) => {
        const whole = encodeDer(node);
        const replacement = change(node, whole, concat(...encodeContents(node)));
        return replacement === undefined
          ? []
          : [{ name: `${pathName(path)} ${name}`, bytes: replaceInDer(root, path, () => replacement) }];
      });
    return [...changed, ...swapped(root, path, node)].filter((mutation) => !same(mutation.bytes, bytes));
  });
}

/** Swaps two adjacent elements of a node. */
function swapped(root: DerNode, path: readonly number[], node: DerNode): Mutation[] {
  const children = node.children?.map(encodeDer) ?? [];
  return children.slice(1).map((_, index) => {
    const order = [...children];
    [order[index], order[index + 1]] = [children[index + 1] as Uint8Array, children[index] as Uint8Array];
    const contents = concat(node.prefix, ...order);
    const replacement = concat([node.tag], encodeLength(contents.length), contents);
    return {
      name: `${pathName([...path, index])} after the next`,
      bytes: replaceInDer(root, path, () => replacement),
    };
  });
}

/** Changes the element at a path. The elements around it stay well-formed. */
export function changeAt(
  bytes: Uint8Array,
  path: readonly number[],
  change: (whole: Uint8Array) => Uint8Array,
): Uint8Array {
  return replaceInDer(parseDer(bytes), path, (node) => change(encodeDer(node)));
}

/** The bytes of the element at a path. */
export function elementAt(bytes: Uint8Array, path: readonly number[]): Uint8Array {
  return encodeDer(findNode(parseDer(bytes), path));
}

/** A copy with one bit changed. */
export function flipped(bytes: Uint8Array, offset: number, mask = 1): Uint8Array | undefined {
  const old = bytes[offset];
  if (old === undefined) return undefined;
  const copy = new Uint8Array(bytes);
  copy[offset] = old ^ mask;
  return copy;
}

export function concat(...pieces: readonly (Uint8Array | number[])[]): Uint8Array {
  return Buffer.concat(pieces.map((piece) => Uint8Array.from(piece)));
}

function pathName(path: readonly number[]): string {
  return path.length === 0 ? 'root' : path.join('.');
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
