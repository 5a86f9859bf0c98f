import { KexecError, refusalArguments } from '../../base/error.js';
import type { TrailEntry } from '../../base/trail.js';

/** A load on this machine was refused, by us or by its kernel: the error, and every check until then. */
export class LoadRefusedError extends KexecError {
  readonly trail: readonly TrailEntry[];

  /** @param trail - without the refusal itself, which becomes its last entry, unless it is that already */
  constructor({ kind, check, errno, seen, cause }: KexecError, trail: readonly TrailEntry[]) {
    super(...refusalArguments(kind, seen, { cause }));
    const isTold = trail.at(-1)?.verdict === 'refused';
    this.trail = isTold ? trail : [...trail, { check, verdict: 'refused', errno, detail: seen }];
  }
}
