import { KexecError, refusalArguments } from '../../base/error.js';
import { describeRefusedEntry, type TrailEntry } from '../../base/trail.js';

/** A load on this machine was refused, by us or by its kernel. It has every check until then. */
export class LoadRefusedError extends KexecError {
  readonly trail: readonly TrailEntry[];

  /** @param trail - the checks; the refusal is appended unless it is the last entry already */
  constructor(error: KexecError, trail: readonly TrailEntry[]) {
    const { kind, seen, cause, ownCure } = error;
    super(...refusalArguments(kind, seen, { cause, cure: ownCure }));
    const hasRefusal = trail.at(-1)?.verdict === 'refused';
    this.trail = hasRefusal ? trail : [...trail, describeRefusedEntry(error)];
  }
}
