import { CHECKS, type Check, type CheckGroup, findGroup } from '../base/checks.js';
import type { TrailEntry } from '../base/trail.js';

/** A check, and what its table says of it. */
export interface NamedCheck {
  readonly check: Check;
  readonly group: CheckGroup;
  readonly rule: string;
  readonly source: string;
  readonly cure: string;
}

/** An entry of a trail, explained. */
export interface ExplainedEntry extends TrailEntry, NamedCheck {
  /** Which one it is in the trail, from 1: the kernel's order. */
  readonly step: number;
}

/** A trail in the words of its checks. */
export interface Explanation {
  /** What ended the load; absent where it loads. */
  readonly refusal?: ExplainedEntry;
  /** All else, by what it is about: groups as the load comes to them, entries in the kernel's order. */
  readonly groups: readonly { readonly group: CheckGroup; readonly entries: readonly ExplainedEntry[] }[];
}

/** A check by its name. */
export function describeCheck(check: Check): NamedCheck {
  const { rule, source, cure } = CHECKS[check];
  return { check, group: findGroup(check), rule, source, cure };
}

/** Explains a trail: nothing is looked at that is not in it. */
export function explainTrail(trail: readonly TrailEntry[]): Explanation {
  const entries = trail.map((entry, index) => ({ ...entry, ...describeCheck(entry.check), step: index + 1 }));
  const refusal = entries.find(({ verdict }) => verdict === 'refused');
  const others = entries.filter((entry) => entry !== refusal);
  const groups = [...new Set(others.map(({ group }) => group))].map((group) => ({
    group,
    entries: others.filter((entry) => entry.group === group),
  }));
  return { ...(refusal === undefined ? {} : { refusal }), groups };
}
