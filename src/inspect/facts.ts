import type { KernelSummary } from './kernel-summary.js';

/** Facts about a file, by name, ready for JSON and for aligned text. Addresses and sizes are "0x…". */
export interface Facts {
  readonly [name: string]: Fact;
}

/** One value, a list of values, or further facts. */
export type Fact = string | number | boolean | readonly string[] | readonly Facts[] | Facts;

/** The kind of a file, for people ("arm64 Image", "UKI"), and the facts in it. */
export interface Inspected {
  readonly kind: string;
  readonly facts: Facts;
  /** The kernel in it, in a line; undefined if there is none. */
  readonly kernel?: KernelSummary | undefined;
}
