import { equalBytes } from '../../base/bytes.js';
import type { Fdt, FdtNode, FdtProperty, FdtReservation } from './tree.js';

export type ChangeKind = 'added' | 'removed' | 'changed';

/** A change of a property; or, without one, of a node that has no properties. */
export interface PropertyChange {
  readonly kind: ChangeKind;
  /** The path of the node: "/chosen". */
  readonly node: string;
  readonly property?: string;
  /** The value before; absent if the property was added. */
  readonly before?: Uint8Array;
  /** The value after; absent if the property was removed. */
  readonly after?: Uint8Array;
}

/** A change of the memory reservation block. */
export interface ReservationChange {
  readonly kind: 'added' | 'removed';
  readonly reservation: FdtReservation;
}

/** The differences between two trees. */
export interface TreeChanges {
  readonly reservations: readonly ReservationChange[];
  /** In the order of the tree after, each node's removed properties behind its others. */
  readonly properties: readonly PropertyChange[];
}

/**
 * Compares two device trees: reservations, nodes by their paths, and properties by their names. The order of nodes and
 * properties does not matter, except for those that have one name more than once.
 */
export function compareTrees(before: Fdt, after: Fdt): TreeChanges {
  const properties: PropertyChange[] = [];
  compareNodes(before.root, after.root, '', properties);
  return { reservations: compareReservations(before.reservations, after.reservations), properties };
}

function compareReservations(
  before: readonly FdtReservation[],
  after: readonly FdtReservation[],
): ReservationChange[] {
  const key = ({ address, size }: FdtReservation): string => `${address} ${size}`;
  const [old, fresh] = [indexItems(before, key), indexItems(after, key)];
  return [
    ...listMissing(old, fresh).map((reservation) => ({ kind: 'removed', reservation }) as const),
    ...listMissing(fresh, old).map((reservation) => ({ kind: 'added', reservation }) as const),
  ];
}

/** @param path - of both nodes; that of the root is empty */
function compareNodes(
  before: FdtNode | undefined,
  after: FdtNode | undefined,
  path: string,
  changes: PropertyChange[],
): void {
  if (before === after) return;
  const node = path === '' ? '/' : path;
  compareProperties(before?.properties ?? [], after?.properties ?? [], node, changes);
  const isEmpty = (some: FdtNode | undefined): boolean => some !== undefined && some.properties.length === 0;
  if (before === undefined && isEmpty(after)) changes.push({ kind: 'added', node });
  if (after === undefined && isEmpty(before)) changes.push({ kind: 'removed', node });

  const old = indexItems(before?.children ?? [], ({ name }) => name);
  const fresh = indexItems(after?.children ?? [], ({ name }) => name);
  for (const [key, child] of fresh) compareNodes(old.get(key), child, `${path}/${child.name}`, changes);
  for (const [key, child] of old) {
    if (!fresh.has(key)) compareNodes(child, undefined, `${path}/${child.name}`, changes);
  }
}

function compareProperties(
  before: readonly FdtProperty[],
  after: readonly FdtProperty[],
  node: string,
  changes: PropertyChange[],
): void {
  const [old, fresh] = [indexItems(before, ({ name }) => name), indexItems(after, ({ name }) => name)];
  for (const [key, { name, value }] of fresh) {
    const earlier = old.get(key);
    if (earlier === undefined) changes.push({ kind: 'added', node, property: name, after: value });
    else if (!equalBytes(earlier.value, value))
      changes.push({ kind: 'changed', node, property: name, before: earlier.value, after: value });
  }
  for (const { name, value } of listMissing(old, fresh))
    changes.push({ kind: 'removed', node, property: name, before: value });
}

/** Items by a name and, for those of one name, their number among them. */
function indexItems<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item> {
  const counts = new Map<string, number>();
  return new Map(
    items.map((item) => {
      const name = nameOf(item);
      const count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      return [`${count} ${name}`, item];
    }),
  );
}

/** The items of one index that the other has not. */
function listMissing<Item>(from: ReadonlyMap<string, Item>, other: ReadonlyMap<string, Item>): Item[] {
  return [...from].filter(([key]) => !other.has(key)).map(([, item]) => item);
}
