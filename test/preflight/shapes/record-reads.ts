/** Which facts of a machine a function reads. */

/**
 * Returns a value that reads as the given one, and notes the path of each property that is read.
 *
 * @param reads - where paths are added: `kernel.config`, `memory`; elements of lists count as the list
 */
export function recordReads<T extends object>(value: T, reads: Set<string>, path = ''): T {
  if (value instanceof Uint8Array) return value;
  const proxies = new Map<object, object>();
  const note = (key: string | symbol): string => {
    const inner =
      typeof key === 'symbol' || Array.isArray(value) ? path : path === '' ? key : `${path}.${key}`;
    if (inner !== '') reads.add(inner);
    return inner;
  };
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      const inner = note(key);
      if (typeof found !== 'object' || found === null) return found;
      const known = proxies.get(found) ?? recordReads(found, reads, inner);
      proxies.set(found, known);
      return known;
    },
    has(target, key) {
      note(key);
      return Reflect.has(target, key);
    },
  });
}
