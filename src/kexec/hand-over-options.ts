import type { SerialPort } from '../machine/console.js';

/** What purgatory does when a segment is not what was loaded. */
export type OnMismatch = 'halt' | 'reset' | 'continue';

export const ON_MISMATCH: readonly OnMismatch[] = ['halt', 'reset', 'continue'];

/** How purgatory hands over. Each option has a default; an architecture supports some of the options. */
export interface PurgatoryOptions {
  /** Whether it verifies the segments. Default: `true`. */
  readonly checks?: boolean | undefined;
  /**
   * The UART that it prints to. Default: that of the machine's stdout-path, or of ACPI's SPCR; on x86_64 that of
   * `console=`, of `earlycon=`, or of the SPCR.
   */
  readonly serial?: SerialPort | 'none' | undefined;
  /** Default: `halt` for a crash kernel or an arm64 machine without PSCI, else `reset`. */
  readonly onMismatch?: OnMismatch | undefined;
  /** Whether it may switch MMU and caches on. Default: `true`. */
  readonly caches?: boolean | undefined;
  /** Whether it may use the CPU's SHA-2 instructions. Default: `true`. */
  readonly sha2?: boolean | undefined;
}
