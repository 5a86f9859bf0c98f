import { readFileSync } from 'node:fs';
import { KERNEL_LINES } from '../../src/explain/kernel-messages.js';
import { corpus } from '../support/corpus.js';
import { findOracleImage } from '../support/oracle/qemu.js';
import { printProblems } from './report.js';

/**
 * Searches the kernels themselves, the oracle and those of Debian, for every kernel message that `explain --log` knows.
 *
 * @returns whether each is in a kernel
 */
export function runLogLines(): boolean {
  const kernels = [findOracleImage(), ...corpus.kernels().map(({ path }) => path)].map((path) =>
    readFileSync(path),
  );
  const lines = Object.values(KERNEL_LINES)
    .flat()
    .map((piece) => (typeof piece === 'string' ? piece : piece[0]));
  const missing = lines.filter((line) => !kernels.some((kernel) => kernel.includes(line)));
  printProblems('log lines that are in no kernel', missing);
  process.stdout.write(`log lines ${lines.length}, found in a kernel ${lines.length - missing.length}\n`);
  return missing.length === 0;
}
