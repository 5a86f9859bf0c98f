/** Names of nodes and properties, and the strings block that holds the latter. A character of a name is a byte. */
import { concatenate, encodeLatin1 } from '../../base/bytes.js';

/**
 * The specification allows 31, which boards exceed (46 has been seen); Linux shows names as file names, of at most 255.
 * Without a bound, a small blob could make a reader build gigabytes of names, since names in the strings block may
 * overlap.
 */
const MAX_NAME_BYTES = 255;

/** NUL, and characters that are no byte. */
const NO_BYTE = /[\0\u0100-\uffff]/;

/** Describes why a text cannot be a property's name. @returns undefined if it can. */
export function findPropertyNameFault(name: string): string | undefined {
  return name === '' ? 'a property has no name' : findNameFault(name);
}

/** Describes why a text cannot be the root node's name, which is empty. @returns undefined if it can. */
export function findRootNameFault(name: string): string | undefined {
  return name === '' ? undefined : 'the root node has a name';
}

/** Describes why a text cannot be the name of a node other than the root. @returns undefined if it can. */
export function findNodeNameFault(name: string): string | undefined {
  if (name === '') return 'a node other than the root has no name';
  if (name.includes('/'))
    return `the node name ${JSON.stringify(name.slice(0, MAX_NAME_BYTES))} contains "/"`;
  return findNameFault(name);
}

function findNameFault(name: string): string | undefined {
  if (name.length > MAX_NAME_BYTES) return `a name has ${name.length} bytes, more than ${MAX_NAME_BYTES}`;
  return NO_BYTE.test(name)
    ? `the name ${JSON.stringify(name)} contains a NUL or a character that is no byte`
    : undefined;
}

/** Encodes a valid name, with its terminating NUL. */
export function encodeName(name: string): Uint8Array {
  return encodeLatin1(`${name}\0`);
}

/** A strings block, and the offset of a name in it. */
export interface PlacedName {
  readonly strings: Uint8Array;
  readonly offset: number;
}

/**
 * Finds a name in a strings block, or appends it to a copy of the block. The first occurrence of the name and a NUL is
 * taken, the end of a longer name included: libfdt's `fdt_find_add_string_()`.
 */
export function placeName(strings: Uint8Array, name: string): PlacedName {
  const first = name.charCodeAt(0);
  for (let offset = strings.indexOf(first); offset >= 0; offset = strings.indexOf(first, offset + 1)) {
    if (isNameAt(strings, offset, name)) return { strings, offset };
  }
  return { strings: concatenate([strings, encodeName(name)]), offset: strings.length };
}

/** Whether a strings block has exactly this name at this offset. */
export function isNameAt(strings: Uint8Array, offset: number, name: string): boolean {
  for (let i = 0; i < name.length; i += 1) {
    if (strings[offset + i] !== name.charCodeAt(i)) return false;
  }
  return strings[offset + name.length] === 0;
}
