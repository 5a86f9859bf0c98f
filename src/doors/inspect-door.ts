/**
 * Inspection: the facts of any file that this package knows.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { inspect } from 'kexec-file/inspect';
 *
 * const { kind } = await inspect(await readFile('vmlinuz'));
 * console.log(kind);
 * // → arm64 Image
 * ```
 *
 * @packageDocumentation
 */

export type { Fact, Facts, Inspected } from '../inspect/facts.js';
export { inspect } from '../inspect/inspect-file.js';
export type { KernelSummary } from '../inspect/kernel-summary.js';
export { type FactsOptions, formatFacts } from '../view/text/facts-text.js';
