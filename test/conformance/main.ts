/** `npm run conformance`: compares the answers of the oracle kernel with those of the code under test. */

import { parseArgs } from 'node:util';
import { findOracleImage } from '../support/oracle/qemu.js';
import { runCrash } from './crash/run.js';
import { runInitrds } from './initrd/ask-initrds.js';
import { runLogLines } from './log-lines.js';
import { runPlacement } from './placement/run.js';
import { runSignatures } from './signatures.js';

const SUBJECTS: readonly string[] = ['signatures', 'placement', 'log', 'initrd', 'crash'];

const USAGE = `usage: npm run conformance -- [--only SUBJECT] [--record] [--seed TEXT --random N]

  --only SUBJECT  only "signatures", "placement", "log", "initrd" or "crash"
  --record        write the oracle's answers to test/conformance
  --seed TEXT     also ask about random signatures that are derived from this text
  --random N      number of these (default 2000)
`;

/** @returns the exit code: 0 if oracle and code agree on everything, 1 if not, 2 for wrong usage */
export async function main(args: readonly string[]): Promise<number> {
  let options: { only?: string; record?: boolean; seed?: string; random?: string };
  try {
    options = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        record: { type: 'boolean' },
        seed: { type: 'string' },
        random: { type: 'string' },
      },
    }).values;
  } catch (error) {
    return wrongUsage(error instanceof Error ? error.message : String(error));
  }
  const { only, record = false, seed, random } = options;
  if (only !== undefined && !SUBJECTS.includes(only)) {
    return wrongUsage(`unknown subject "${only}"`);
  }

  findOracleImage();
  const isAsked = (subject: string): boolean => only === undefined || only === subject;
  let agree = true;
  if (isAsked('signatures')) agree = await runSignatures({ record, seed, random: Number(random ?? 2000) });
  if (isAsked('placement')) agree = (await runPlacement({ record })) && agree;
  if (isAsked('log')) agree = runLogLines() && agree;
  if (isAsked('initrd')) agree = (await runInitrds({ record })) && agree;
  if (isAsked('crash')) agree = (await runCrash()) && agree;
  return agree ? 0 : 1;
}

function wrongUsage(message: string): number {
  process.stderr.write(`${message}\n${USAGE}`);
  return 2;
}
