import { FACT_WINDOW_BYTES } from './fleet-lines.js';

/** A fact of a fleet file. */
export interface KeptFact<Text> {
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly text: Text;
  /** Whether machines may still name it. */
  isKept: boolean;
}

/**
 * The facts that machines may name: the last ones that were defined, up to a number of bytes. The rule is one of places
 * in the file alone, so files can be put one after the other: what precedes a part keeps no fact of it from being found.
 */
export class FactWindow<Text> {
  readonly #facts = new Map<string, KeptFact<Text>>();
  readonly #limit: number;
  #size = 0;

  constructor(limit: number = FACT_WINDOW_BYTES) {
    this.#limit = limit;
  }

  find(digest: string): KeptFact<Text> | undefined {
    return this.#facts.get(digest);
  }

  /** Adds a fact. One that is there already gets the place of the last. @param size - in bytes */
  define(digest: string, size: number, text: Text): void {
    const known = this.#facts.get(digest);
    const fact = known ?? { digest, size, text, isKept: true };
    // A map keeps the order of insertion.
    this.#facts.delete(digest);
    this.#facts.set(digest, fact);
    if (known === undefined) this.#size += size;
    for (const oldest of this.#facts.values()) {
      if (this.#size <= this.#limit) break;
      oldest.isKept = false;
      this.#facts.delete(oldest.digest);
      this.#size -= oldest.size;
    }
  }
}
