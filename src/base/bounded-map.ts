/** A map of a limited number of entries: a new one takes the place of the one that was added first. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  set(key: Key, value: Value): void {
    if (this.#entries.size >= this.#limit) {
      const { value: oldest, done } = this.#entries.keys().next();
      if (done !== true) this.#entries.delete(oldest);
    }
    this.#entries.set(key, value);
  }
}
