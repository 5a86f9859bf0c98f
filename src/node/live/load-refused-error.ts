import { KexecError, refusalArguments } from '../../base/error.js';
import type { TrailEntry } from '../../base/trail.js';

/** A load on this machine was refused, by us or by its kernel. It has every check until then. */
export class LoadRefusedError extends KexecError {
  readonly trail: readonly TrailEntry[];

  /** @param trail - the checks; the refusal is appended unless it is the last entry already */
  constructor({ kind, check, errno, seen, cause }: KexecError, trail: readonly TrailEntry[]) {
    super(...refusalArguments(kind, seen, { cause }));
    const hasRefusal = trail.at(-1)?.verdict === 'refused';
    this.trail = hasRefusal ? trail : [...trail, { check, verdict: 'refused', errno, detail: seen }];
  }
}
