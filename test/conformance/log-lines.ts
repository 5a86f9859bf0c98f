import { readFileSync } from 'node:fs';
import { KERNEL_CAUSES } from '../../src/explain/causes/causes.js';
import { corpus } from '../support/corpus.js';
import type { Oracle } from '../support/oracle/oracle.js';
import { printProblems } from './report.js';

/**
 * Searches the kernels themselves, the oracles and those of Debian, for every kernel message that `explain --log`
 * knows.
 *
 * @returns whether each is in a kernel
 */
export function runLogLines(oracles: readonly Oracle[]): boolean {
  const paths = [...oracles.map(({ image }) => image), ...corpus.kernels().map(({ path }) => path)];
  const kernels = paths.map((path) => readFileSync(path));
  const lines = Object.values(KERNEL_CAUSES).flatMap((cause) => cause.lines.flat());
  const missing = lines.filter((line) => !kernels.some((kernel) => kernel.includes(line)));
  printProblems('log lines that are in no kernel', missing);
  process.stdout.write(`log lines ${lines.length}, found in a kernel ${lines.length - missing.length}\n`);
  return missing.length === 0;
}
