import type { Errno } from '../errno.js';

/** A check, in words for people. */
export interface CheckRule {
  /** What must hold: one sentence, without a full stop. */
  readonly rule: string;
  /** Whose rule it is: a kernel function, a specification, or kexec-file. */
  readonly source: string;
  /** The errnos of its refusals; empty if the check only adds notes. */
  readonly errnos: readonly Errno[];
  /** What to do after a refusal. */
  readonly cure: string;
}

/** The checks of one subject, by name. */
export type CheckTable = Readonly<Record<string, CheckRule>>;
