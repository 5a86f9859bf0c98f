import type { Check } from '../../base/checks.js';

/** A text that only lines of one cause contain, or two texts that only such lines contain together. */
export type LinePiece = string | readonly [text: string, and: string];

/**
 * How much a cause weighs. `stops`: the load, the boot or the dump fails. `warns`: it may fail later, or something is
 * missing in it. `harmless`: nothing is lost.
 */
export type Severity = 'stops' | 'warns' | 'harmless';

/** What a line of a log means. */
export interface Cause {
  /** The check that fails, or that the line is about. */
  readonly check: Check;
  readonly severity: Severity;
  /** What happened; absent if the check's rule says it. */
  readonly meaning?: string;
  /** What to do about this very cause; absent if the check's cure fits. */
  readonly cure?: string;
  /** Parameters that the cure puts on the running kernel's command line, so that it depends on the boot loader. */
  readonly parameter?: string;
  /** Which kernels log it, if not all of them do: those with CONFIG_KEXEC_FILE, or from a release on. */
  readonly onlyIn?: 'KEXEC_FILE' | '7.3';
  /** Texts of its lines. Those of the kernel are held against real kernels. */
  readonly lines: readonly LinePiece[];
  /** Texts that the kernels at hand do not contain, because they are of another release or configuration. */
  readonly otherLines?: { readonly of: string; readonly lines: readonly LinePiece[] };
  /** Whether the line is about kdump only in the log of a crash kernel: other kernels log it for other reasons. */
  readonly isOfCrashKernel?: true;
}

/** Causes of one subject, by name. */
export type CauseTable = Readonly<Record<string, Cause>>;
