/** `npm run conformance`: compares the answers of the oracle kernels with those of the code under test. */

import { findOracle, type Oracle } from '../support/oracle/oracle.js';
import { runCrash } from './crash/run.js';
import { runInitrds } from './initrd/ask-initrds.js';
import { runLogLines } from './log-lines.js';
import { type ConformanceOptions, parseOptions, type Subject, USAGE } from './options.js';
import { runPlacement } from './placement/run.js';
import { runSignatures } from './signatures.js';
import { runX86 } from './x86-64/run.js';

/** @returns the exit code: 0 if oracles and code agree on everything, 1 if not, 2 for wrong usage */
export async function main(args: readonly string[]): Promise<number> {
  let options: ConformanceOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  const isAsked = (subject: Subject): boolean => options.subjects.includes(subject);
  // All of them are looked for first: an oracle that is missing must not be noticed after half an hour.
  const isForX86 = options.subjects.every((subject) => subject === 'x86_64');
  const oracles = isForX86 ? [] : options.oracles.map(findOracle);
  let agree = true;
  for (const oracle of oracles) {
    if (isAsked('signatures')) agree = (await runSignatures(oracle, options)) && agree;
    if (isAsked('placement')) agree = (await runPlacement(oracle, options)) && agree;
    if (isAsked('crash') && isCrashed(oracle, options)) agree = (await runCrash(oracle, options)) && agree;
  }
  for (const release of isAsked('x86_64') ? options.oracles : []) {
    agree = (await runX86(release, options)) && agree;
  }
  if (isAsked('log')) agree = runLogLines(oracles) && agree;
  if (isAsked('initrd')) agree = (await runInitrds(options)) && agree;
  return agree ? 0 : 1;
}

/** Crashes take minutes: those of Linux 7.3 are left out unless everything is asked, or nothing else. */
function isCrashed({ release }: Oracle, { all, subjects }: ConformanceOptions): boolean {
  return release === '6.12' || all || subjects.length === 1;
}
