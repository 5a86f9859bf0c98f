/** What loads on a fleet come to, counted as they come. */
import { CHECKS, type Check } from '../base/checks.js';
import type { Errno } from '../base/error.js';
import type { PreflightRow, Refusal } from './preflight-machine.js';

/** A cause that machines have in common. */
export interface Cause {
  readonly errno: Errno;
  readonly check: Check;
  /** What should have held. */
  readonly rule: string;
  /** What to do about it. */
  readonly cure: string;
  /** How many machines have it. */
  readonly count: number;
  /** The file of the first of them. */
  readonly example: string;
}

/** What a load comes to on a fleet. */
export interface PreflightSummary {
  readonly machines: number;
  readonly loads: number;
  readonly refused: number;
  readonly unreadable: number;
  /** Why it is refused, or cannot be read; what most machines have comes first. */
  readonly causes: readonly Cause[];
  /** Of the same as a crash kernel. */
  readonly crash: {
    /** Machines that have a crash region. */
    readonly regions: number;
    readonly loads: number;
    readonly refused: number;
    readonly causes: readonly Cause[];
  };
}

/** Counts what comes of loads; it keeps no more than one line for each cause. */
export class PreflightTally {
  #machines = 0;
  #loads = 0;
  #unreadable = 0;
  #regions = 0;
  #crashLoads = 0;
  readonly #causes = new Causes();
  readonly #crashCauses = new Causes();

  add(row: PreflightRow): void {
    this.#machines += 1;
    if (row.outcome === undefined) {
      this.#unreadable += 1;
      this.#causes.add(row.unreadable, row.file);
      return;
    }
    if (row.outcome.verdict === 'loads') this.#loads += 1;
    else this.#causes.add(row.outcome.refusal, row.file);
    if (row.crash === undefined) return;
    this.#regions += 1;
    if (row.crash.verdict === 'loads') this.#crashLoads += 1;
    else this.#crashCauses.add(row.crash.refusal, row.file);
  }

  summary(): PreflightSummary {
    return {
      machines: this.#machines,
      loads: this.#loads,
      refused: this.#machines - this.#loads - this.#unreadable,
      unreadable: this.#unreadable,
      causes: this.#causes.list(),
      crash: {
        regions: this.#regions,
        loads: this.#crashLoads,
        refused: this.#regions - this.#crashLoads,
        causes: this.#crashCauses.list(),
      },
    };
  }
}

class Causes {
  readonly #causes = new Map<string, Cause>();

  add({ errno, check }: Refusal, example: string): void {
    const key = `${errno} ${check}`;
    const { rule, cure } = CHECKS[check];
    const known = this.#causes.get(key) ?? { errno, check, rule, cure, count: 0, example };
    this.#causes.set(key, { ...known, count: known.count + 1 });
  }

  list(): Cause[] {
    return [...this.#causes.values()].sort((a, b) => b.count - a.count);
  }
}
