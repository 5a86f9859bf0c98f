/**
 * Names of nodes and properties, and the strings block that holds the latter. A character of a name is a byte.
 */

/**
 * How many bytes a name may have. The specification says 31, which boards exceed (46 has been seen); Linux shows
 * names as file names, which end at 255. Without a bound, a small blob could make a reader build gigabytes of names,
 * since names in the strings block may overlap.
 */
const MAX_NAME = 255;

/** NUL, and what is no byte. */
const NO_BYTE = /[\0\u0100-\uffff]/;

/** What is wrong with a property's name, or undefined if it can be used. */
export function findPropertyNameFault(name: string): string | undefined {
  return name === '' ? 'a property has no name' : nameFault(name);
}

/** What is wrong with a root node's name, which is to be empty, or undefined if nothing is. */
export function findRootNameFault(name: string): string | undefined {
  return name === '' ? undefined : 'the root node has a name';
}

/** What is wrong with the name of a node other than the root, or undefined if it can be used. */
export function findNodeNameFault(name: string): string | undefined {
  if (name === '') return 'a node other than the root has no name';
  if (name.includes('/')) return `the node name ${JSON.stringify(name.slice(0, MAX_NAME))} contains "/"`;
  return nameFault(name);
}

function nameFault(name: string): string | undefined {
  if (name.length > MAX_NAME) return `a name has ${name.length} bytes, more than ${MAX_NAME}`;
  return NO_BYTE.test(name)
    ? `the name ${JSON.stringify(name)} has a NUL, or a character that is no byte`
    : undefined;
}

/** The bytes of a name that has no fault, with the terminating NUL. */
export function encodeName(name: string): Uint8Array {
  const bytes = new Uint8Array(name.length + 1);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return bytes;
}

/** A strings block, and where in it a name is. */
export interface PlacedName {
  readonly strings: Uint8Array;
  readonly offset: number;
}

/**
 * Finds a name in a strings block or, in a copy of it, appends the name. Any place where the name and a NUL stand will
 * do, the tail of a longer name included, and the first one is taken: libfdt's `fdt_find_add_string_()`.
 */
export function placeName(strings: Uint8Array, name: string): PlacedName {
  const first = name.charCodeAt(0);
  for (let offset = strings.indexOf(first); offset >= 0; offset = strings.indexOf(first, offset + 1)) {
    if (isNameAt(strings, offset, name)) return { strings, offset };
  }
  const bytes = encodeName(name);
  const longer = new Uint8Array(strings.length + bytes.length);
  longer.set(strings);
  longer.set(bytes, strings.length);
  return { strings: longer, offset: strings.length };
}

/** Whether a strings block has this very name at this offset. */
export function isNameAt(strings: Uint8Array, offset: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (strings[offset + i] !== name.charCodeAt(i)) return false;
  }
  return strings[offset + name.length] === 0;
}
