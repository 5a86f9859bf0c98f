import { readFileSync } from 'node:fs';
import { KERNEL_LINES } from '../../src/explain/kernel-messages.js';
import { corpus } from '../support/corpus.js';
import { oracleImage } from '../support/oracle/qemu.js';
import { tell } from './report.js';

/**
 * Looks for every line that `explain --log` knows of a kernel in kernels themselves: the oracle, and those of Debian.
 *
 * @returns whether each is in one of them
 */
export function runLogLines(): boolean {
  const kernels = [oracleImage(), ...corpus.kernels().map(({ path }) => path)].map((path) =>
    readFileSync(path),
  );
  const lines = Object.values(KERNEL_LINES)
    .flat()
    .map((piece) => (typeof piece === 'string' ? piece : piece[0]));
  const missing = lines.filter((line) => !kernels.some((kernel) => kernel.includes(line)));
  tell('in no kernel', missing);
  process.stdout.write(
    `lines of kernels' logs ${lines.length}, in a kernel ${lines.length - missing.length}\n`,
  );
  return missing.length === 0;
}
