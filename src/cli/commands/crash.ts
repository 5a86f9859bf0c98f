import { Command } from 'commander';
import { Trail } from '../../base/trail.js';
import { estimateCrashRegion, measureFiles } from '../../crash/estimate.js';
import { lintCore } from '../../crash/lint.js';
import { buildElfcorehdr } from '../../kexec/build-elfcorehdr.js';
import type { OpenedRequest } from '../../kexec/open-kernel-file.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { withFileSource } from '../../node/files/file-source.js';
import { readKernel } from '../../node/files/member-path.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { readFile } from '../../node/files/read-file.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { buildEstimateJson } from '../../view/json/estimate-json.js';
import { formatEstimate, formatLintReport } from '../../view/text/crash-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import { complain } from '../terminal/complain.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { writeOutput } from '../terminal/write-output.js';
import { buildCrashInitrdCommand } from './crash-initrd.js';
import { buildCrashRehearseCommand } from './crash-rehearse.js';

const MACHINE = 'a machine file, or a preset';

export function buildCrashCommand(): Command {
  return new Command()
    .addCommand(buildHeaderCommand())
    .addCommand(buildLintCommand())
    .addCommand(buildEstimateCommand())
    .addCommand(buildCrashInitrdCommand())
    .addCommand(buildCrashRehearseCommand())
    .addHelpText(
      'after',
      explainUsage({
        about: `
A crash kernel runs in memory that crashkernel= reserved at boot, and saves the memory of the kernel that crashed.
"estimate" computes how much to reserve, "initrd" builds an initrd that saves, "rehearse" tries all of it in QEMU.`,
        documents: ['docs/kdump.md'],
        examples: `
kexec-file crash estimate vmlinuz --initrd kdump.img --machine server.json
kexec-file crash initrd -o kdump.img --save label=crash
kexec-file load vmlinuz --initrd kdump.img --panic --capture-cmdline`,
      }),
    );
}

function buildHeaderCommand(): Command {
  return addForceOption(new Command('header'))
    .description('build the ELF core header for a crash kernel')
    .requiredOption('--machine <machine>', `${MACHINE}, recorded as root`)
    .requiredOption('-o, --output <file>', 'the file to write')
    .addHelpText(
      'after',
      explainUsage({
        about: `
The header is the one that kexec_file_load(2) of the machine's kernel would build: notes of each CPU, VMCOREINFO, the
kernel's text, and RAM without the crash regions.`,
        examples: `
kexec-file crash header --machine server.json -o elfcorehdr &&
  readelf -lW elfcorehdr`,
      }),
    )
    .action(buildHeader);
}

async function buildHeader({
  machine,
  output,
  ...options
}: OutputCliOptions & { readonly machine: string; readonly output: string }): Promise<void> {
  const outputs = readOutputOptions(options, [machine]);
  checkOutputs({ '--output': output }, outputs);
  const recorded = await findMachine(machine);
  await writeOutput(
    output,
    [buildElfcorehdr(recorded)],
    outputs,
    (size) => `${size}, the ELF core header of ${recorded.name}`,
  );
}

function buildLintCommand(): Command {
  return new Command('lint')
    .description('check an ELF core header, or that of an ELF vmcore, for errors that make kdump fail')
    .argument('<file>', 'an ELF core header, or an ELF vmcore of any size')
    .option('--machine <machine>', `${MACHINE}, to compare RAM, crash regions and notes with`)
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Finds ranges that overlap or are missing, a missing mapping of the kernel's text, wrong addresses of the linear map, and
notes outside RAM; in a vmcore also parts that are cut off, and those that contradict its page tables. A compressed dump
of makedumpfile has no such header: vmcore info reads it.

Exit code 1 if there is an error.`,
        examples: `
kexec-file crash lint /proc/vmcore
kexec-file crash lint elfcorehdr --machine server.json`,
      }),
    )
    .action(lint);
}

async function lint(
  file: string,
  options: { readonly machine?: string; readonly json?: boolean },
): Promise<void> {
  const machine = options.machine === undefined ? undefined : await findMachine(options.machine);
  const report = withFileSource(file, (source) => lintCore(source, machine));
  if (options.json === true) printReport('crash-lint', { file, ...report });
  else printText(formatLintReport(report, outputView()));
  if (report.findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

function buildEstimateCommand(): Command {
  return new Command('estimate')
    .description('estimate the crash region that a capture kernel needs')
    .argument(
      '<kernel>',
      'the capture kernel: an Image (arm64) or a bzImage (x86_64), or a file that contains one',
    )
    .requiredOption('--machine <machine>', MACHINE)
    .option('--initrd <file>', "the capture kernel's initrd")
    .option('--json', 'print the estimate as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints the estimate, the sum behind it, and the crashkernel= parameter.`,
        examples: `
kexec-file crash estimate /boot/vmlinuz --initrd kdump.img \\
  --machine server.json`,
      }),
    )
    .action(estimate);
}

async function estimate(
  kernel: string,
  options: { readonly machine: string; readonly initrd?: string; readonly json?: boolean },
): Promise<void> {
  const { bytes, member } = readKernel(kernel);
  const request = {
    kernel: bytes,
    member,
    initrd: options.initrd === undefined ? undefined : readFile(options.initrd),
  };
  const machine = await findMachine(options.machine);
  const { openingFor, openKernelFile } = await import('../../kexec/open-kernel-file.js');
  const { nodeDecompress } = await import('../../node/codecs/node-decompress.js');
  const opening = openingFor(machine, { decompress: nodeDecompress, hashes: nodeHashes });
  const opened = await openKernelFile(request, opening, new Trail());
  const { commandLine } = machine;
  const unpacked = await measureInitrd(opened);
  const { findArchitecture } = await import('../../kexec/architectures.js');
  const size = findArchitecture(machine).measureKernel(opened.kernel);
  const files = measureFiles(size, opened.initrd, machine, { unpacked, commandLine });
  const result = estimateCrashRegion(files, machine);
  if (options.json === true) printReport('crash-estimate', buildEstimateJson(result));
  else printText(formatEstimate(result, outputView()));
}

/**
 * Unpacks an initrd in check. One that the crash kernel cannot unpack is not worth an estimate: the exit code says so.
 */
async function measureInitrd({ initrd, initrdReport }: OpenedRequest): Promise<bigint | undefined> {
  if (initrd === undefined) return undefined;
  const { readInitrd } = await import('../../kernel-file/initrd/read-initrd.js');
  const { measureUnpacked } = await import('../../kernel-file/initrd/measure-unpacked.js');
  const { nodeDecompress } = await import('../../node/codecs/node-decompress.js');
  const report = initrdReport ?? (await readInitrd(initrd, nodeDecompress));
  const { problem, bound } = report;
  if (problem !== undefined) {
    complain(`the kernel cannot unpack the initrd: ${problem.seen}; ${problem.cure}`);
    process.exitCode = 1;
  } else if (bound !== undefined) {
    complain(`not all of the initrd is examined: ${bound.seen}`);
  }
  return measureUnpacked(initrd, report);
}
