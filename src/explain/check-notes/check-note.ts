import type { Check } from '../../base/checks.js';

/** What a person wants to know about a check beside its rule. */
export interface CheckNote {
  /** Why the rule exists, or what it protects. */
  readonly why: string;
  /** How one gets there. */
  readonly how: string;
  /** A command for a shell that ends in the check, where `vmlinuz` is an arm64 Image. */
  readonly example?: string;
}

export type CheckNotes = Readonly<Partial<Record<Check, CheckNote>>>;
