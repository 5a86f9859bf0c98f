import { attempt, KexecError, refuse } from '../../../base/error.js';
import { refuseExisting } from '../../../node/files/outputs.js';
import { line } from '../../../view/text/printable.js';
import { printText } from '../../terminal/output.js';
import { outputView } from '../../terminal/screen.js';
import { packageVersion } from '../../terminal/version.js';
import { formatHelp, formatVersion } from './makedumpfile-help.js';
import {
  type LogRequest,
  type RearrangeRequest,
  type ReassembleRequest,
  readRequest,
  type SaveRequest,
  type UsageRequest,
} from './makedumpfile-request.js';
import { Messages } from './messages.js';

/** Exit codes of makedumpfile: 2 if the vmlinux is not that of the kernel that crashed. */
const EXIT = { done: 0, failed: 1, otherKernel: 2 } as const;

/**
 * Runs the program as `makedumpfile`, with its options and exit codes.
 *
 * @param args - without the program's name
 * @returns the exit code. Errors of users and files are printed, not thrown.
 */
export async function runMakedumpfile(args: readonly string[]): Promise<number> {
  const request = readRequest(args, { posixlyCorrect: process.env.POSIXLY_CORRECT !== undefined });
  switch (request.action) {
    case 'help':
      printText(formatHelp(outputView().columns));
      return EXIT.done;
    case 'version':
      printText(formatVersion(packageVersion()));
      return EXIT.done;
    case 'checked':
      return EXIT.done;
    case 'mistake': {
      const messages = new Messages(request.choice);
      messages.complain(`${request.message}; makedumpfile --help lists the options`);
      return end(EXIT.failed, messages);
    }
    default:
      return run(request);
  }
}

type WorkRequest = SaveRequest | LogRequest | RearrangeRequest | ReassembleRequest | UsageRequest;

async function run(request: WorkRequest): Promise<number> {
  const messages = new Messages(request.choice);
  for (const note of request.notes) if (messages.has('results')) messages.complain(note);
  try {
    const isWhole = await work(request, messages);
    return end(isWhole ? EXIT.done : EXIT.failed, messages);
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    messages.complainOf(error);
    return end(error.check === 'dump-symbols' ? EXIT.otherKernel : EXIT.failed, messages);
  }
}

/** @returns whether nothing was missing or damaged in the dump. @throws KexecError */
async function work(request: WorkRequest, messages: Messages): Promise<boolean> {
  if (request.action === 'mem-usage') return (await import('./print-usage.js')).printUsage(request, messages);
  if (!request.force) listOutputs(request).forEach(refuseToReplace);
  if (request.action === 'reassemble') return (await import('./reassemble.js')).reassemble(request, messages);
  if (request.action === 'rearrange') return (await import('./rearrange.js')).rearrange(request, messages);
  const { examineDump } = await import('./examine-dump.js');
  examineDump(request, messages);
  if (request.action === 'log') return (await import('./save-log.js')).saveLog(request, messages);
  return (await import('./save.js')).save(request, messages);
}

function listOutputs(request: Exclude<WorkRequest, UsageRequest>): readonly string[] {
  const parts = request.action === 'save' ? request.parts : [];
  return parts.length > 0 ? parts : [request.output];
}

/** @throws KexecError `EEXIST`, check `file-access`, if there is such a file. */
function refuseToReplace(output: string): void {
  const error = attempt(() => refuseExisting(output));
  if (error instanceof KexecError)
    refuse('file-access', 'EEXIST', `${output} exists`, { cure: 'give -f to replace it, or another name' });
}

/** Prints the last line, which scripts search for. */
function end(code: number, messages: Messages): number {
  messages.print('results', line`makedumpfile ${code === EXIT.done ? 'Completed' : 'Failed'}.`);
  return code;
}
