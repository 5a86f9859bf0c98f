import { CHECKS, type Check, type CheckGroup, findGroup } from '../base/checks.js';
import type { TrailEntry } from '../base/trail.js';

/** A check with its entry in the table of checks. */
export interface NamedCheck {
  readonly check: Check;
  readonly group: CheckGroup;
  readonly rule: string;
  readonly source: string;
  readonly cure: string;
}

/** An entry of a trail, with its check. */
export interface ExplainedEntry extends Omit<TrailEntry, 'cure'>, NamedCheck {
  /** Its number in the trail, from 1: the order in which the kernel checks. */
  readonly step: number;
}

/** A trail by subject. */
export interface Explanation {
  /** The entry that ended the load; absent if the kernel loads. */
  readonly refusal?: ExplainedEntry;
  /** All other entries, by group. Groups are in the order of their first entries, entries in the kernel's order. */
  readonly groups: readonly { readonly group: CheckGroup; readonly entries: readonly ExplainedEntry[] }[];
}

/** Looks up a check in the table of checks. */
export function describeCheck(check: Check): NamedCheck {
  const { rule, source, cure } = CHECKS[check];
  return { check, group: findGroup(check), rule, source, cure };
}

/**
 * Explains a trail: adds to every entry the rule, its source and the cure, and groups the entries by subject. Nothing
 * is checked again.
 *
 * @example
 * ```ts
 * const { refusal } = explainTrail(result.trail);
 * ```
 */
export function explainTrail(trail: readonly TrailEntry[]): Explanation {
  const entries = trail.map((entry, index) => ({ ...describeCheck(entry.check), ...entry, step: index + 1 }));
  const refusal = entries.find(({ verdict }) => verdict === 'refused');
  const others = entries.filter((entry) => entry !== refusal);
  const groups = [...new Set(others.map(({ group }) => group))].map((group) => ({
    group,
    entries: others.filter((entry) => entry.group === group),
  }));
  return { ...(refusal === undefined ? {} : { refusal }), groups };
}
