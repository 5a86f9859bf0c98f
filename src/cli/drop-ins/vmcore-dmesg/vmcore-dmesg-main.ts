import { attempt, KexecError } from '../../../base/error.js';
import { openVmcore, type VmcoreFile } from '../../../node/vmcore/vmcore-file.js';
import { formatLines, line, type Printable } from '../../../view/text/printable.js';
import { formatDmesgLine } from '../../../vmcore/log/dmesg.js';
import { BufferedOutput } from '../../terminal/buffered-output.js';
import { formatError } from '../../terminal/format-error.js';
import { printError, printText } from '../../terminal/output.js';
import { errorView } from '../../terminal/screen.js';
import { packageVersion } from '../../terminal/version.js';

/** The program whose behaviour this is. */
export const VMCORE_DMESG_OF = 'kexec-tools 2.0.32';

/** Exit codes of vmcore-dmesg: no file can be opened, it is no dump, its log cannot be read whole. */
const EXIT = { done: 0, usage: 1, noFile: 2, noDump: 4, noLog: 65 } as const;

const HELP = [
  'Usage: vmcore-dmesg VMCORE',
  '',
  "Prints the kernel's log of a dump. This is kexec-file, which is the program of",
  `${VMCORE_DMESG_OF} when it is called as vmcore-dmesg. VMCORE may also be a dump that`,
  'makedumpfile compressed or flattened.',
  '',
  '  --help      print this help',
  '  --version   print the version',
];

/**
 * Runs the program as `vmcore-dmesg`, with its exit codes.
 *
 * @param args - without the program's name
 * @returns the exit code. Errors of users and files are printed, not thrown.
 */
export async function runVmcoreDmesg(args: readonly string[]): Promise<number> {
  const [file, ...others] = args;
  if (args.includes('--help')) return answer(formatLines(HELP));
  if (args.includes('--version')) return answer(line`${VMCORE_DMESG_OF} (kexec-file ${packageVersion()})`);
  if (file === undefined || others.length > 0) {
    complain(`give one dump, such as /proc/vmcore; ${args.length} were given`);
    return EXIT.usage;
  }
  const vmcore = attempt(() => openVmcore(file));
  if (vmcore instanceof KexecError) {
    complainOf(vmcore);
    return vmcore.check === 'file-access' ? EXIT.noFile : EXIT.noDump;
  }
  try {
    return printLog(vmcore) ? EXIT.done : EXIT.noLog;
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    complainOf(error);
    return EXIT.noLog;
  } finally {
    vmcore.close();
  }
}

/** @returns whether the whole log was printed; what is missing, in it and in the file, is named on standard error */
function printLog(vmcore: VmcoreFile): boolean {
  vmcore.problems.forEach(complain);
  let isWhole = true;
  const onProblem = (problem: string): void => {
    isWhole = false;
    complain(problem);
  };
  const output = new BufferedOutput();
  try {
    for (const record of vmcore.log(onProblem)) output.write(formatDmesgLine(record));
  } finally {
    output.flush();
  }
  return isWhole;
}

function answer(text: Printable): number {
  printText(text);
  return EXIT.done;
}

function complain(sentence: string): void {
  printError(line`vmcore-dmesg: ${sentence}`);
}

function complainOf(error: KexecError): void {
  printError(formatError(error, { ...errorView(), color: false, program: 'vmcore-dmesg' }));
}
