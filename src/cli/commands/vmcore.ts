import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { toAccessError } from '../../node/files/access-error.js';
import { withVmcore } from '../../node/vmcore/vmcore-file.js';
import { buildLogRecordJson, buildVmcoreInfoJson } from '../../view/json/vmcore-json.js';
import { formatVmcoreInfo } from '../../view/text/vmcore-text.js';
import { formatDmesgLine } from '../../vmcore/log/dmesg.js';
import { buildGdbArguments, formatShellCommand } from '../../vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../../vmcore/summary/vmcore-summary.js';
import { printJson, printText } from '../terminal/output.js';
import { vmcoreSaveCommand } from './vmcore-save.js';

const DUMP = 'an ELF vmcore, or a dump that makedumpfile compressed or flattened';

export function vmcoreCommand(): Command {
  return new Command()
    .addCommand(infoCommand())
    .addCommand(dmesgCommand())
    .addCommand(gdbCommand())
    .addCommand(vmcoreSaveCommand());
}

function infoCommand(): Command {
  return new Command('info')
    .description('say what crashed, when and why; its CPUs, and what of its memory was dumped')
    .argument('<vmcore>', DUMP)
    .option('--json', 'print all of it as JSON: every register, and VMCOREINFO')
    .addHelpText(
      'after',
      `
Examples:
  kexec-file vmcore info /var/crash/vmcore
  kexec-file vmcore info vmcore --json`,
    )
    .action((file: string, options: { json?: boolean }) => {
      const info = withVmcore(file, summarizeVmcore);
      if (options.json === true) printJson(buildVmcoreInfoJson(info));
      else printText(formatVmcoreInfo(info));
    });
}

function dmesgCommand(): Command {
  return new Command('dmesg')
    .description("print the kernel's log, as kexec-tools' vmcore-dmesg prints it")
    .argument('<vmcore>', DUMP)
    .option('--json', 'print one JSON object a record, each on a line of its own')
    .addHelpText(
      'after',
      `
What of the log cannot be read is told on standard error, and the exit code is 1; the rest is printed.

Examples:
  kexec-file vmcore dmesg /proc/vmcore | tail
  kexec-file vmcore dmesg vmcore --json | jq 'select(.level <= 3)'`,
    )
    .action(dmesg);
}

/** So many bytes are collected before they are written. */
const WRITTEN_AT_ONCE = 1 << 16;

function dmesg(file: string, options: { json?: boolean }): void {
  withVmcore(file, (vmcore) => {
    const problem = (what: string): void => {
      process.stderr.write(`kexec-file: ${what}\n`);
      process.exitCode = 1;
    };
    vmcore.problems.forEach(problem);
    let chunks: Uint8Array[] = [];
    let collected = 0;
    const flush = (): void => {
      process.stdout.write(Buffer.concat(chunks));
      chunks = [];
      collected = 0;
    };
    try {
      for (const record of vmcore.log(problem)) {
        if (options.json === true && record.isWrapMark === true) continue;
        const line =
          options.json === true
            ? Buffer.from(`${JSON.stringify(buildLogRecordJson(record))}\n`)
            : formatDmesgLine(record);
        chunks.push(line);
        collected += line.length;
        if (collected >= WRITTEN_AT_ONCE) flush();
      }
    } finally {
      flush();
    }
  });
}

function gdbCommand(): Command {
  return new Command('gdb')
    .description('print the gdb command that gives the backtrace of a crash, or run it')
    .argument('<vmcore>', 'an ELF vmcore')
    .argument('<vmlinux>', 'the kernel that crashed, with its debug information')
    .option('--run', 'run it: gdb stays open')
    .option('--gdb <program>', 'the debugger; one that knows AArch64', 'gdb-multiarch')
    .addHelpText(
      'after',
      `
Examples:
  kexec-file vmcore gdb vmcore vmlinux
  kexec-file vmcore gdb vmcore /usr/lib/debug/boot/vmlinux-6.12.0-arm64 --run`,
    )
    .action(gdb);
}

async function gdb(
  file: string,
  vmlinux: string,
  options: { readonly run?: boolean; readonly gdb: string },
): Promise<void> {
  const args = withVmcore(file, (vmcore) => buildGdbArguments(vmcore, file, vmlinux));
  if (options.run !== true) {
    printText(formatShellCommand(options.gdb, args));
    return;
  }
  process.exitCode = await new Promise<number>((resolve, reject) => {
    const child = spawn(options.gdb, args, { stdio: 'inherit' });
    child.on('error', (cause) => reject(toAccessError(`cannot run ${options.gdb}`, cause)));
    child.on('close', (status) => resolve(status ?? 1));
  });
}
