import { BoundedMap } from '../../base/bounded-map.js';

/** Machines that follow each other often have equal lines. */
const MAX_RECENT = 128;

/** Of texts that come when all places are taken, one of this many gets one. */
const ADMITTED = 16;

/**
 * Remembers values by their texts: the last ones, and a number of others that change slowly. In a fleet of more texts than
 * places, which come in turn, a text would otherwise always have lost its place before it came again; and each value would live
 * just long enough to be kept by the garbage collector, so that memory grew with the fleet.
 */
export class TemplateCache<Value> {
  readonly #recent = new BoundedMap<string, Value>(MAX_RECENT);
  readonly #kept: BoundedMap<string, Value>;
  readonly #limit: number;
  #added = 0;

  /** @param limit - of values, beside the last ones */
  constructor(limit: number) {
    this.#limit = limit;
    this.#kept = new BoundedMap(limit);
  }

  get(text: string): Value | undefined {
    return this.#recent.get(text) ?? this.#kept.get(text);
  }

  set(text: string, value: Value): void {
    this.#recent.set(text, value);
    this.#added += 1;
    const isAdmitted = this.#added <= this.#limit || this.#added % ADMITTED === 0;
    if (isAdmitted || this.#kept.get(text) !== undefined) this.#kept.set(text, value);
  }
}
