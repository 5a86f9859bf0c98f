import { BoundedMap } from '../../base/bounded-map.js';
import type { KexecError } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Hashes } from '../../trust/hashes.js';
import { MachineTrustCache } from '../machine-trust-cache.js';
import { describeRefusal, type PreflightRow } from '../preflight-machine.js';
import { buildShapeKey } from './shape-key.js';
import { fillRow, planShape, type ShapeOutcome } from './shape-outcome.js';

/** Fleets have few shapes, or as many as machines: then, no outcome is used again. */
export const MAX_SHAPES = 8192;

/**
 * Looking for a known shape takes a tenth of planning. In a fleet whose machines are all different it is done for one of
 * this many machines, after the first ones.
 */
const SELDOM = 16;
const FIRST = 256;

/** The outcomes of all requests on a shape. */
export type Outcomes = readonly ShapeOutcome[];

/** The outcomes of shapes that are kept for later runs. */
export interface ShapeCache {
  /** @param shape - its digest. @returns undefined if it is not there, or damaged */
  read(shape: string): Outcomes | undefined;
  /** @throws KexecError `file-access`, with the system's errno. */
  write(shape: string, outcomes: Outcomes): void;
}

/** How shapes are recognised. */
export interface ShapeOptions {
  readonly hashes: Hashes;
  /** The SHA-256 of a text or of bytes, in hexadecimal. */
  readonly digest: (data: string | Uint8Array) => string;
  /** A name that no text of a machine contains: it is random. */
  readonly nameMark: string;
  readonly cache?: ShapeCache | undefined;
}

/** The outcomes of loads by the shape of machines: each shape is planned once. */
export class ShapeOutcomes {
  readonly #trust: readonly MachineTrustCache[];
  readonly #options: ShapeOptions;
  readonly #shapes = new BoundedMap<string, Outcomes>(MAX_SHAPES);
  #planned = 0;
  #machines = 0;
  #sought = 0;
  #found = 0;

  /** @param requests - as MachineTrustCache takes them */
  constructor(requests: readonly LoadRequest[], options: ShapeOptions) {
    this.#trust = requests.map((request) => new MachineTrustCache(request, options.hashes));
    this.#options = options;
  }

  /** Number of shapes that were planned, and not known. */
  get planned(): number {
    return this.#planned;
  }

  /** Whether machines are likely to have known shapes, or it is time to look whether they have. */
  get isWorthSeeking(): boolean {
    const isLikely = this.#found * SELDOM >= this.#sought - FIRST;
    return isLikely || this.#options.cache !== undefined || this.#machines % SELDOM === 0;
  }

  /** A name that no text of a machine contains. */
  get nameMark(): string {
    return this.#options.nameMark;
  }

  /** Call this for a machine whose outcomes the caller knew. */
  countKnown(): void {
    this.#found += 1;
  }

  /** The outcomes on a machine, in the order of the requests. */
  find(machine: Machine): Outcomes {
    const isSought = this.isWorthSeeking;
    this.#machines += 1;
    if (!isSought) return this.#plan(machine);
    this.#sought += 1;
    const { digest, cache } = this.#options;
    const key = digest(buildShapeKey(machine, digest));
    const known = this.#shapes.get(key) ?? cache?.read(key);
    if (known !== undefined) {
      this.#found += 1;
      this.#shapes.set(key, known);
      return known;
    }
    const outcomes = this.#plan(machine);
    this.#shapes.set(key, outcomes);
    cache?.write(key, outcomes);
    return outcomes;
  }

  /** The rows of a machine that cannot be read, in the order of the requests. */
  refuse(file: string, error: KexecError): PreflightRow[] {
    return this.#trust.map(() => ({ file, unreadable: describeRefusal(error) }));
  }

  #plan(machine: Machine): Outcomes {
    this.#planned += 1;
    const { nameMark } = this.#options;
    return this.#trust.map((trust) => planShape((named) => trust.requestFor(named), machine, nameMark));
  }
}

/** The rows of a machine, in the order of the requests. */
export function fillRows(outcomes: Outcomes, file: string, name: string): PreflightRow[] {
  return outcomes.map((outcome) => fillRow(outcome, file, name));
}
