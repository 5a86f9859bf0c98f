import type { SerialPort } from '../machine/console.js';

/** What purgatory does when a segment is not what was loaded. */
export type OnMismatch = 'halt' | 'reset' | 'continue';

export const ON_MISMATCH: readonly OnMismatch[] = ['halt', 'reset', 'continue'];

/** How purgatory hands over. What is left out is as it serves the reader best. */
export interface PurgatoryOptions {
  /** Whether it verifies what was loaded; `true` if left out. */
  readonly checks?: boolean | undefined;
  /** Where it speaks: the UART of the machine's stdout-path if left out. */
  readonly serial?: SerialPort | 'none' | undefined;
  /** `halt` for a crash kernel if left out, else `reset` where the machine has PSCI. */
  readonly onMismatch?: OnMismatch | undefined;
  /** Whether it may switch MMU and caches on; `true` if left out. */
  readonly caches?: boolean | undefined;
  /** Whether it may use the CPU's SHA-2 instructions; `true` if left out. */
  readonly sha2?: boolean | undefined;
}
