import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { crashMachine, requireCrashKernel } from '../../node/kdump/crash-machine.js';
import { complain } from '../terminal/complain.js';
import { REFUSED, USAGE } from '../terminal/exit-codes.js';

/** Options of a crash on purpose. */
export interface CrashOptions {
  readonly crash?: boolean;
  /** Whether no question is asked. */
  readonly yes?: boolean;
}

const QUESTION = 'Crash this machine now, without stopping services? Type yes: ';

/** How long the user can stop a crash, and the console has to print what came before it. */
const GRACE_SECONDS = 5;

/**
 * Ends the command, before it does anything, if a crash is wanted and cannot be: as wrong usage, if a question would
 * have no answer.
 *
 * @throws KexecError, as {@link requireCrashKernel}.
 */
export function requireCrashable({ crash, yes }: CrashOptions, command: Command): void {
  if (crash !== true) return;
  if (yes === true || process.stdin.isTTY) {
    requireCrashKernel();
    return;
  }
  command.error('error: --crash asks on a terminal, and there is none; --yes crashes without a question', {
    exitCode: USAGE,
  });
}

/** Crashes this machine if its user agrees. @throws KexecError as {@link crashMachine}. */
export async function crashOnPurpose({ yes }: CrashOptions): Promise<void> {
  if (yes !== true && !(await isAgreed())) {
    complain('the machine was not crashed');
    process.exitCode = REFUSED;
    return;
  }
  complain(`crashing this machine in ${GRACE_SECONDS} seconds; Ctrl-C stops it`);
  await sleep(GRACE_SECONDS * 1000);
  await crashMachine();
}

async function isAgreed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(QUESTION)).trim() === 'yes';
  } finally {
    terminal.close();
  }
}
