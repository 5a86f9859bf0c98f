import type { Inspected } from '../../inspect/facts.js';

/** The report of `inspect`. */
export interface InspectedJson {
  readonly [fact: string]: unknown;
  readonly file: string;
  readonly kind: string;
}

/** What `inspect --json` prints of a file: its kind, the kernel in it, and the facts of that kind. */
export function buildInspectedJson(file: string, { kind, facts, kernel }: Inspected): InspectedJson {
  return { file, kind, ...kernel, ...facts };
}
