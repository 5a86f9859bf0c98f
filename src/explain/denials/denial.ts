import type { Check } from '../../base/checks.js';
import type { Errno } from '../../base/errno.js';
import type { Severity } from '../causes/cause.js';

/** A record that says that something was denied, explained by its fields. */
export interface Denial {
  /** A name of the cause; with `subject` it tells one cause from another. */
  readonly cause: string;
  readonly subject: string;
  readonly check: Check;
  readonly severity: Severity;
  readonly meaning: string;
  readonly cure: string;
  /** What the system call returned for it. */
  readonly errno?: Errno;
}

/** Reads a record, if it is of its kind and about kexec or kdump. */
export type DenialReader = (line: string) => Denial | undefined;
