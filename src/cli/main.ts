import { basename } from 'node:path';
import { line } from '../view/text/printable.js';
import { buildProgram } from './commands/program.js';
import { DEBUG_OPTION, formatInternalError, INTERNAL_ERROR } from './terminal/internal-error.js';
import { printError, printText, readerIsGone } from './terminal/output.js';
import { errorView } from './terminal/screen.js';
import { packageVersion } from './terminal/version.js';

/** Exit code for input that was refused. */
const REFUSED = 1;
/** Exit code for wrong usage. */
const USAGE = 2;

async function main(args: readonly string[]): Promise<void> {
  // Answered before anything is loaded: scripts ask it often.
  if (args[0] === '--version' || args[0] === '-V') {
    printText(line`${packageVersion()}`);
    return;
  }
  const program = await buildProgram(args.find((arg) => !arg.startsWith('-')));
  if (args.length === 0) program.help({ error: true });
  await program.parseAsync(args, { from: 'user' });
}

/** Called as `kexec`, by a link of that name, this is the program of kexec-tools. */
async function mainAsKexec(args: readonly string[]): Promise<void> {
  const { runKexecMain } = await import('./kexec-tools/kexec-main.js');
  process.exitCode = await runKexecMain(args);
}

/** Prints an error on standard error. @returns the exit code for it */
async function report(error: unknown): Promise<number> {
  const { KexecError } = await import('../base/error.js');
  if (error instanceof KexecError) {
    const { formatError } = await import('./terminal/format-error.js');
    printError(formatError(error, errorView()));
    return REFUSED;
  }
  const { CommanderError } = await import('commander');
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  printError(formatInternalError(error, isDebugged));
  return INTERNAL_ERROR;
}

process.stdout.on('error', async (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return readerIsGone();
  const { toAccessError } = await import('../node/files/access-error.js');
  process.exit(await report(toAccessError('cannot write to standard output', error)));
});

const isKexec = basename(process.argv[1] ?? '') === 'kexec';
const args = process.argv.slice(2);
/** kexec-tools has an option of this name, with another meaning. */
const isDebugged = !isKexec && args.includes(DEBUG_OPTION);

/** Node would print the source of this program, of which every line is long. */
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, async (error: unknown) => process.exit(await report(error)));
}

(isKexec ? mainAsKexec : main)(args).catch(async (error: unknown) => {
  process.exitCode = await report(error);
});
