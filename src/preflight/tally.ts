/** The outcomes of a fleet, counted row by row. */
import { CHECKS, type Check } from '../base/checks.js';
import type { Errno } from '../base/error.js';
import type { PreflightRow, Refusal } from './preflight-machine.js';

/** A cause of refusals, and how many machines have it. */
export interface Cause {
  readonly errno: Errno;
  readonly check: Check;
  /** What must hold. */
  readonly rule: string;
  /** What to do about it. */
  readonly cure: string;
  /** Number of machines. */
  readonly count: number;
  /** The file of the first of these machines. */
  readonly example: string;
}

/** The outcomes of a fleet. All numbers are numbers of machines. */
export interface PreflightSummary {
  readonly machines: number;
  readonly loads: number;
  readonly refused: number;
  readonly unreadable: number;
  /** Why machines refuse the kernel or cannot be read, the most frequent cause first. */
  readonly causes: readonly Cause[];
  /** The same load as a crash kernel. */
  readonly crash: {
    /** Machines that have a crash region. */
    readonly regions: number;
    readonly loads: number;
    readonly refused: number;
    readonly causes: readonly Cause[];
  };
  /** Machines whose makedumpfile saves no dump of the kernel that runs there, and the file of the first. */
  readonly noDump?: { readonly count: number; readonly example: string };
}

/** Counts outcomes; its size depends on the number of causes, not on that of machines. */
export class PreflightTally {
  #machines = 0;
  #loads = 0;
  #unreadable = 0;
  #regions = 0;
  #crashLoads = 0;
  #noDump: PreflightSummary['noDump'];
  readonly #causes = new CauseTally();
  readonly #crashCauses = new CauseTally();

  add(row: PreflightRow): void {
    this.#machines += 1;
    if (row.outcome === undefined) {
      this.#unreadable += 1;
      this.#causes.add(row.unreadable, row.file);
      return;
    }
    if (row.outcome.verdict === 'loads') this.#loads += 1;
    else this.#causes.add(row.outcome.refusal, row.file);
    if (row.noDump !== undefined) {
      const { count, example } = this.#noDump ?? { count: 0, example: row.file };
      this.#noDump = { count: count + 1, example };
    }
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
      ...(this.#noDump === undefined ? {} : { noDump: this.#noDump }),
    };
  }
}

/** Cures name sizes and boot loaders of machines. Beyond this many causes, the check's usual cure has to do. */
const MAX_OWN_CURES = 64;

class CauseTally {
  readonly #causes = new Map<string, Cause>();

  add({ errno, check, cure: ownCure }: Refusal, example: string): void {
    const { rule, cure: usual } = CHECKS[check];
    const own = `${errno} ${check} ${ownCure}`;
    const isKept = ownCure !== undefined && (this.#causes.has(own) || this.#causes.size < MAX_OWN_CURES);
    const key = isKept ? own : `${errno} ${check}`;
    const cure = isKept ? ownCure : usual;
    const known = this.#causes.get(key) ?? { errno, check, rule, cure, count: 0, example };
    this.#causes.set(key, { ...known, count: known.count + 1 });
  }

  list(): Cause[] {
    return [...this.#causes.values()].sort((a, b) => b.count - a.count);
  }
}
