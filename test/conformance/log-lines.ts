import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KERNEL_CAUSES } from '../../src/explain/causes/causes.js';
import { corpus } from '../support/corpus.js';
import { findOracleImage } from '../support/oracle/qemu.js';
import { printProblems } from './report.js';

/**
 * Searches the kernels themselves, the oracles and those of Debian, for every kernel message that `explain --log`
 * knows. Messages of Linux 7.3 are searched if there is an oracle of it: `DIR-7.3`, beside the oracle `DIR`.
 *
 * @returns whether each is in a kernel
 */
export function runLogLines(): boolean {
  const newer = join(`${dirname(findOracleImage())}-7.3`, 'Image');
  const hasNewer = existsSync(newer);
  const paths = [
    findOracleImage(),
    ...(hasNewer ? [newer] : []),
    ...corpus.kernels().map(({ path }) => path),
  ];
  const kernels = paths.map((path) => readFileSync(path));
  const searched = Object.values(KERNEL_CAUSES).filter(({ onlyIn }) => hasNewer || onlyIn !== '7.3');
  const lines = searched.flatMap((cause) => cause.lines.flat());
  const missing = lines.filter((line) => !kernels.some((kernel) => kernel.includes(line)));
  printProblems('log lines that are in no kernel', missing);
  process.stdout.write(`log lines ${lines.length}, found in a kernel ${lines.length - missing.length}\n`);
  return missing.length === 0;
}
