import type { Errno } from '../errno.js';

/** What is known of a check. */
export interface CheckRule {
  /** What must hold. */
  readonly rule: string;
  /** Who says so. */
  readonly source: string;
  /** What it can end in; nothing where it only notes. */
  readonly errnos: readonly Errno[];
  /** What to do where it refuses. */
  readonly cure: string;
}

/** The checks of a subject, by name. */
export type CheckTable = Readonly<Record<string, CheckRule>>;
