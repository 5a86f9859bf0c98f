import type { Check } from './checks.js';
import type { Errno, KexecError } from './error.js';
import type { Range } from './range.js';

/** `ok`: the check holds. `note`: nothing was refused; for information. `refused`: the load ends here. */
export type Verdict = 'ok' | 'note' | 'refused';

/** A range of free memory that the search for a place examined, and why the segment does not go there. */
export interface TriedHole {
  readonly range: Range;
  readonly why: 'too small' | 'outside the window' | 'no place in the window' | 'segments in the way';
}

/** One check of a load: its verdict, and what was seen. */
export interface TrailEntry {
  readonly check: Check;
  readonly verdict: Verdict;
  readonly errno?: Errno;
  readonly detail: string;
  /** Checks that were made together with this one and hold. */
  readonly also?: readonly Check[];
  /** For a search for memory: every hole that was examined, and why it was not chosen. */
  readonly holes?: readonly TriedHole[];
  /** For a place drawn at random: the entropy of the draw in bits. */
  readonly entropyBits?: number;
  /** Of a signature that holds: the signer's name. */
  readonly signer?: string;
  /** What to do about this very cause; absent if the check's own cure fits. */
  readonly cure?: string;
}

/** The trail of a load: every check, in the order in which the kernel makes it. A refusal is the last entry. */
export class Trail {
  readonly #entries: TrailEntry[] = [];

  get entries(): readonly TrailEntry[] {
    return this.#entries;
  }

  /** @param also - checks that were made together with this one and hold */
  ok(check: Check, detail: string, also: readonly Check[] = []): void {
    this.#entries.push({ check, verdict: 'ok', detail, ...(also.length === 0 ? {} : { also }) });
  }

  /** Adds a signature that holds. @param signer - its name */
  addSigner(detail: string, signer: string): void {
    this.#entries.push({ check: 'signature', verdict: 'ok', detail, signer });
  }

  note(check: Check, detail: string, holes?: readonly TriedHole[]): void {
    this.#entries.push({ check, verdict: 'note', detail, ...(holes === undefined ? {} : { holes }) });
  }

  /** Adds a place that was drawn at random from a number of `places`. */
  addDraw(detail: string, places: bigint): void {
    const entropyBits = Math.log2(Number(places));
    const bits = entropyBits.toFixed(1);
    this.#entries.push({
      check: 'random-place',
      verdict: 'ok',
      detail: `${detail}: ${bits} bits`,
      entropyBits,
    });
  }

  append(other: Trail): void {
    this.#entries.push(...other.#entries);
  }

  refuse(error: KexecError, holes?: readonly TriedHole[]): void {
    this.#entries.push({ ...describeRefusedEntry(error), ...(holes === undefined ? {} : { holes }) });
  }
}

/** A refusal as the entry that ends a trail. */
export function describeRefusedEntry({ check, errno, seen, ownCure }: KexecError): TrailEntry {
  return {
    check,
    verdict: 'refused',
    errno,
    detail: seen,
    ...(ownCure === undefined ? {} : { cure: ownCure }),
  };
}
