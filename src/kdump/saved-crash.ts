import type { VmcoreSummary } from '../vmcore/summary/vmcore-summary.js';

/** What was saved of a crash. */
export interface SavedCrash {
  /** The folder of this crash. */
  readonly folder: string;
  /** The size of the dump in bytes; undefined if there is none. */
  readonly size?: bigint | undefined;
  readonly hasLog: boolean;
  readonly summary?: Pick<VmcoreSummary, 'release' | 'panic'> | undefined;
  /** What is missing, damaged, or was not done as configured. */
  readonly problems: readonly string[];
}
