import { endBySignal, receivedSignal } from '../node/process/ending.js';
import { formatLines, line, type Printable } from '../view/text/printable.js';
import { findDropIn } from './drop-ins/drop-ins.js';
import { readBuiltHelp } from './help/built-help.js';
import { HELP_FLAGS, VERSION_FLAGS } from './help/global-options.js';
import { INTERNAL_ERROR, REFUSED, USAGE } from './terminal/exit-codes.js';
import { DEBUG_OPTION, formatInternalError } from './terminal/internal-error.js';
import { printError, printText, readerIsGone } from './terminal/output.js';
import { errorView, findColumns, type Stream } from './terminal/screen.js';
import { formatVersion } from './terminal/version.js';

async function main(args: readonly string[]): Promise<void> {
  if (await answerAtOnce(args)) return;
  const { buildProgram } = await import('./commands/program.js');
  const { listWords, requireCommand } = await import('./help/command-path.js');
  const words = listWords(args);
  const program = await buildProgram(words[0]);
  const helpFlag = args.find((arg) => isOneOf(arg, HELP_FLAGS));
  if (helpFlag === HELP_FLAGS[0]) (await import('./help/explain-usage.js')).shortenHelp();
  // Else commander would print the help of the program for a command that is unknown.
  if (helpFlag !== undefined) requireCommand(program, words);
  await program.parseAsync(args, { from: 'user' });
}

/** Answers, before commander is loaded, what scripts and users ask often: the version, and the help of the program. */
async function answerAtOnce([first = '', ...others]: readonly string[]): Promise<boolean> {
  if (isOneOf(first, VERSION_FLAGS) || (first === 'version' && others.length === 0)) {
    printText(line`${formatVersion()}`);
    return true;
  }
  const isAlone = others.length === 0 && (first === '' || first === 'help');
  if (!isAlone && !isOneOf(first, HELP_FLAGS)) return false;
  if (first === '') {
    printError(await formatHelp(process.stderr, true));
    process.exitCode = USAGE;
  } else {
    printText(await formatHelp(process.stdout, first === HELP_FLAGS[0]));
  }
  return true;
}

async function formatHelp(stream: Stream, isShort: boolean): Promise<Printable> {
  const columns = findColumns(stream, process.env);
  const built = readBuiltHelp(columns, isShort);
  if (built !== undefined) return formatLines(built.split('\n'));
  const { formatTopHelp } = await import('./commands/top-help.js');
  const { DEFAULT_COLUMNS } = await import('../view/text/layout.js');
  return formatLines(formatTopHelp(columns ?? DEFAULT_COLUMNS, isShort).split('\n'));
}

function isOneOf(arg: string, flags: readonly string[]): boolean {
  return flags.includes(arg);
}

/** Called by a link that has the name of another program, this is that program. */
async function mainAsDropIn(args: readonly string[]): Promise<void> {
  const run = await loadDropIn?.();
  process.exitCode = await run?.(args);
}

/**
 * Prints an error on standard error and, if the command owes a report in JSON, on standard output.
 *
 * @returns the exit code for it
 */
async function report(error: unknown): Promise<number> {
  const { KexecError } = await import('../base/error.js');
  if (error instanceof KexecError) {
    const { formatError } = await import('./terminal/format-error.js');
    await reportAsJson(error);
    printError(formatError(error, errorView()));
    return REFUSED;
  }
  const { CommanderError } = await import('commander');
  if (error instanceof CommanderError) return reportUsage(error);
  await reportAsJson(error);
  printError(formatInternalError(error, isDebugged));
  return INTERNAL_ERROR;
}

/** The programs of others have no reports. */
async function reportAsJson(error: unknown): Promise<void> {
  if (loadDropIn === undefined) (await import('./terminal/reports.js')).reportFailure(error);
}

/** Reports how commander ended: with help, with the version, or for wrong usage. */
async function reportUsage({ code, exitCode, message }: CommanderErrorFacts): Promise<number> {
  if (exitCode === 0) return 0;
  if (code !== 'commander.help') {
    const { formatUsageError } = await import('./commands/usage-error.js');
    printError(await formatUsageError(message, args));
  }
  return USAGE;
}

/** What this file uses of a CommanderError, whose module it does not load at the start. */
interface CommanderErrorFacts {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
}

process.stdout.on('error', async (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return readerIsGone();
  (await import('./terminal/reports.js')).dropReport();
  const { toAccessError } = await import('../node/files/access-error.js');
  process.exit(await report(toAccessError('cannot write to standard output', error)));
});

// Nothing can be said where nobody reads; the exit code remains.
process.stderr.on('error', () => {});

const loadDropIn = findDropIn(process.argv[1]);
const args = process.argv.slice(2);
/** kexec-tools has an option of this name, with another meaning. */
const isDebugged = loadDropIn === undefined && args.includes(DEBUG_OPTION);

let isReporting = false;

/** Node would print the source of this program, of which every line is long. */
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, async (error: unknown) => {
    // An error while another is reported would be reported for ever.
    if (isReporting) process.exit(INTERNAL_ERROR);
    isReporting = true;
    process.exit(await report(error));
  });
}

(loadDropIn === undefined ? main : mainAsDropIn)(args)
  .catch(async (error: unknown) => {
    process.exitCode = await report(error);
  })
  .finally(() => {
    const signal = receivedSignal();
    if (signal !== undefined) endBySignal(signal);
  });
