import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Command } from 'commander';
import { toAccessError } from '../../node/files/access-error.js';
import { withFileSource } from '../../node/files/file-source.js';
import { isStandardInput } from '../../node/files/standard-input.js';
import { withVmcore } from '../../node/vmcore/vmcore-file.js';
import { buildLogRecordJson, buildVmcoreInfoJson } from '../../view/json/vmcore-json.js';
import { formatVmcoreInfo } from '../../view/text/vmcore-text.js';
import { formatDmesgLine } from '../../vmcore/log/dmesg.js';
import type { LogRecord } from '../../vmcore/log/log-record.js';
import type { Vmcore } from '../../vmcore/open/open-vmcore.js';
import { checkVmlinux } from '../../vmcore/summary/check-vmlinux.js';
import { buildGdbArguments, formatShellCommand } from '../../vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../../vmcore/summary/vmcore-summary.js';
import { explainUsage } from '../help/explain-usage.js';
import {
  buildVmcoreinfoOption,
  readVmcoreinfoOption,
  type VmcoreinfoOptions,
} from '../options/vmcoreinfo-option.js';
import { BufferedOutput } from '../terminal/buffered-output.js';
import { complain } from '../terminal/complain.js';
import { REFUSED, SIGNAL_BASE } from '../terminal/exit-codes.js';
import { printBytes, printText } from '../terminal/output.js';
import { formatReport, printReport, printReportLine } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { buildVmcoreSaveCommand } from './vmcore-save.js';

const DUMP =
  'an ELF vmcore, or a dump that makedumpfile compressed (zlib, lzo, snappy, zstd) or flattened, of any size';

export function buildVmcoreCommand(): Command {
  return new Command()
    .addCommand(buildInfoCommand())
    .addCommand(buildDmesgCommand())
    .addCommand(buildGdbCommand())
    .addCommand(buildVmcoreSaveCommand())
    .addHelpText(
      'after',
      explainUsage({
        about: `
Reads the dump of a kernel for arm64 or x86_64, on any machine: /proc/vmcore in a capture kernel, a copy of it, or what
makedumpfile or QEMU wrote. A dump is read by address, never whole.`,
        documents: ['docs/kdump.md'],
        examples: `
kexec-file vmcore info /var/crash/vmcore
kexec-file vmcore dmesg /var/crash/vmcore | tail
kexec-file vmcore save /proc/vmcore -o /var/crash/vmcore`,
      }),
    );
}

function buildInfoCommand(): Command {
  return new Command('info')
    .description('print what crashed, when and why, the registers of its CPUs, and what memory was dumped')
    .argument('<vmcore>', DUMP)
    .addOption(buildVmcoreinfoOption())
    .option('--json', 'print everything as JSON: every register, and VMCOREINFO')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints the release, when and why it crashed, which CPU panicked, the registers of every CPU, what memory was dumped, and
how addresses were translated. Damaged or missing parts of the dump are reported, and the rest is read.`,
        examples: `
kexec-file vmcore info /var/crash/vmcore
kexec-file vmcore info vmcore --json`,
      }),
    )
    .action((file: string, options: VmcoreinfoOptions & { json?: boolean }) => {
      const info = withVmcore(file, summarizeVmcore, readVmcoreinfoOption(options));
      if (options.json === true) printReport('vmcore-info', buildVmcoreInfoJson(info));
      else printText(formatVmcoreInfo(info, outputView()));
    });
}

function buildDmesgCommand(): Command {
  return new Command('dmesg')
    .description("print the kernel's log")
    .argument('<vmcore>', DUMP)
    .addOption(buildVmcoreinfoOption())
    .option('--json', 'print one JSON object a line for each record, with level, facility, caller and device')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints the log as vmcore-dmesg of kexec-tools does, byte for byte; carriage returns are escaped, too. A link to
kexec-file with the name vmcore-dmesg takes the place of that program. Only what is
needed is read: about 150 KiB for the log of a 10 GiB dump. If part of the log cannot be read, the rest is printed,
standard error says what is missing, and the exit code is 1.`,
        examples: `
kexec-file vmcore dmesg /proc/vmcore | tail
kexec-file vmcore dmesg vmcore --json | jq 'select(.level <= 3)'`,
      }),
    )
    .action(dmesg);
}

function dmesg(file: string, options: VmcoreinfoOptions & { json?: boolean }): void {
  withVmcore(file, (vmcore) => printLog(vmcore, options.json === true), readVmcoreinfoOption(options));
}

/** Prints a log. JSON ends with what could not be read, and has that line even without any record. */
function printLog(vmcore: Vmcore, isJson: boolean): void {
  const problems: string[] = [];
  const onProblem = (what: string): void => {
    problems.push(what);
    complain(what);
    process.exitCode = 1;
  };
  vmcore.problems.forEach(onProblem);
  const output = new BufferedOutput();
  try {
    for (const record of vmcore.log(onProblem)) {
      if (!isJson) output.write(formatDmesgLine(record));
      else if (record.isWrapMark !== true) output.write(formatJsonLine(record));
    }
  } finally {
    output.flush();
  }
  if (isJson && (problems.length > 0 || output.isEmpty)) printReportLine('vmcore-dmesg', { problems });
}

function formatJsonLine(record: LogRecord): Uint8Array {
  return Buffer.from(`${formatReport('vmcore-dmesg', buildLogRecordJson(record), 'line')}\n`);
}

function buildGdbCommand(): Command {
  return new Command('gdb')
    .description('print the gdb command that shows the backtrace of a crash, or run it')
    .argument('<vmcore>', 'an ELF vmcore')
    .argument('<vmlinux>', 'the kernel that crashed, with its debug information')
    .addOption(buildVmcoreinfoOption())
    .option('--run', 'run the command; gdb stays open')
    .option('--gdb <program>', "a gdb that supports the dump's architecture", 'gdb-multiarch')
    .addHelpText(
      'after',
      explainUsage({
        about: `
The command accounts for KASLR, signed return addresses, stacks in the vmalloc area, and the CPU that panicked. A dump
of x86_64 also needs a vmlinux with call frame information (.debug_frame), by which gdb unwinds.`,
        examples: `
kexec-file vmcore gdb vmcore vmlinux
kexec-file vmcore gdb vmcore /usr/lib/debug/boot/vmlinux-6.12.0-arm64 --run`,
      }),
    )
    .action(gdb);
}

async function gdb(
  file: string,
  vmlinux: string,
  options: VmcoreinfoOptions & { readonly run?: boolean; readonly gdb: string },
  command: Command,
): Promise<void> {
  if ([file, vmlinux].some(isStandardInput))
    command.error('error: gdb reads the files itself: - cannot be one of them', { exitCode: 2 });
  const args = withVmcore(
    file,
    (vmcore) => {
      if (!withFileSource(vmlinux, (symbols) => checkVmlinux(symbols, vmlinux, vmcore)))
        complain(`${vmlinux} or the dump has no build id: whether they belong together is not known`);
      return buildGdbArguments(vmcore, file, vmlinux);
    },
    readVmcoreinfoOption(options),
  );
  if (options.run !== true) {
    // Of a long text, printText() would leave a part out. What is not shown is escaped already, for the shell.
    printBytes(Buffer.from(`${formatShellCommand(options.gdb, args)}\n`));
    return;
  }
  process.exitCode = await runGdb(options.gdb, args);
}

/**
 * Runs gdb on the terminal. Ctrl-C is gdb's, which interrupts its own work by it; this process waits for gdb.
 *
 * @returns the exit code
 */
async function runGdb(program: string, args: readonly string[]): Promise<number> {
  const wait = (): void => {};
  process.on('SIGINT', wait);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, { stdio: 'inherit' });
      child.on('error', (cause) => reject(toAccessError(`cannot run ${program}`, cause)));
      child.on('close', (status, signal) =>
        resolve(status ?? (signal === null ? REFUSED : SIGNAL_BASE + constants.signals[signal])),
      );
    });
  } finally {
    process.off('SIGINT', wait);
  }
}
