import type { Inspected } from '../../inspect/facts.js';

/** What `inspect --json` prints of a file: its kind, the kernel in it, and the facts of that kind. */
export function buildInspectedJson(file: string, { kind, facts, kernel }: Inspected): object {
  return { file, kind, ...kernel, ...facts };
}
