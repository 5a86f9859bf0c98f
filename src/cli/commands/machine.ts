import { Command } from 'commander';
import { totalSize } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { listRam } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { formatMachine } from '../../machine/schema.js';
import { DENIED, describePlace, RELEASE, SOURCES, type Source } from '../../node/collect/sources.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { findDescriptor, STDOUT } from '../../node/files/standard-descriptors.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { escapeJson } from '../../view/json/format-json.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { formatMachineText } from '../../view/text/machine-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import { addQemuOptions, type QemuCliOptions, readQemuOptions } from '../options/qemu-options.js';
import { printBytes, printText } from '../terminal/output.js';
import { printMachineFile, printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { writeOutput } from '../terminal/write-output.js';
import { buildMachineEntriesCommand } from './machine-entries.js';

export function buildMachineCommand(): Command {
  return new Command()
    .addCommand(buildRecordCommand())
    .addCommand(buildCollectorCommand())
    .addCommand(buildShowCommand())
    .addCommand(buildMachineEntriesCommand())
    .addHelpText(
      'after',
      explainUsage({
        about: `
A machine file has the facts that decide a load: RAM, reserved ranges, device tree, CPUs, keys. With it, a load for that
machine is planned and explained anywhere.`,
        documents: ['docs/machines.md'],
        examples: `
kexec-file machine record -o here.json
kexec-file machine collector | ssh root@server1 'sh -s' > server1.tar
kexec-file plan vmlinuz --machine server1.json`,
      }),
    );
}

interface RecordOptions extends QemuCliOptions, OutputCliOptions {
  readonly from?: string;
  readonly qemu?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

function buildRecordCommand(): Command {
  return addForceOption(addQemuOptions(new Command('record')))
    .description('record this machine, a machine whose files were collected, or a machine of QEMU')
    .option('--from <path>', 'record a machine from its collected files, in a folder or a tar')
    .option('--qemu', 'record the machine of QEMU that --memory, --smp, --cpu and --el describe')
    .option('-o, --output <file>', 'the file to write (default: standard output)')
    .option('--json', 'print what was recorded as JSON; on standard output, that is the machine file')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Without --from and --qemu it records the machine that it runs on. Run it as root, so that it can read everything. What
cannot be read is listed in the machine file under "unknown", with the reason. A machine without a device tree or RAM is
refused.

A folder or tar (plain or gzip, at most 32 MiB) contains what "machine collector" collects, or copies of these files. It
needs fdt or device-tree; the others add facts:
${SOURCES.map(formatSource).join('\n')}`,
        documents: ['docs/machines.md'],
        examples: `
kexec-file machine record -o here.json
kexec-file machine record --from server1.tar -o server1.json
kexec-file machine record --qemu --memory 4G --cpu neoverse-n1 -o n1.json`,
      }),
    )
    .action(record);
}

/** A collected file, and the first place where it is read. */
function formatSource({ name, from }: Source): string {
  return `  ${name.padEnd(25)}${describePlace(from).replace(RELEASE, '$(uname -r)')}`;
}

async function record(options: RecordOptions, command: Command): Promise<void> {
  if (options.from !== undefined && options.qemu === true) {
    command.error('error: --from and --qemu name two machines; give one', { exitCode: 2 });
  }
  const outputs = readOutputOptions(options, [options.from]);
  checkOutputs({ '--output': options.output }, outputs);
  const machine = await recordMachine(options);
  if (options.json === true && isStandardOutput(options.output))
    return printMachineFile(formatMachine(machine));
  const text = escapeJson(formatMachine(machine));
  const bytes = new TextEncoder().encode(text);
  if (options.output === undefined) return printBytes(bytes);
  // It has addresses that KASLR hides from users other than root.
  const how = { ...outputs, isPrivate: true };
  await writeOutput(options.output, [bytes], how, () => describeMachine(machine, options));
  if (options.json === true) printReport('machine-record', buildRecordedJson(machine, options.output));
}

function isStandardOutput(output: string | undefined): boolean {
  return output === undefined || findDescriptor(output) === STDOUT;
}

function buildRecordedJson(machine: Machine, output: string): Report<'machine-record'> {
  const { name, architecture, possibleCpus, unknown = [] } = machine;
  return {
    output,
    name,
    architecture,
    ram: hex(totalSize(listRam(machine))),
    ...(possibleCpus === undefined ? {} : { cpus: possibleCpus }),
    unknown,
  };
}

/** Describes a machine file: RAM, CPUs, and how many facts it lacks. */
function describeMachine(machine: Machine, { from }: RecordOptions): string {
  const { unknown = [], qemu, possibleCpus = qemu?.cpus } = machine;
  const cpus = possibleCpus === undefined ? [] : [possibleCpus === 1 ? '1 CPU' : `${possibleCpus} CPUs`];
  const size = [formatSize(totalSize(listRam(machine))), ...cpus].join(', ');
  if (unknown.length === 0) return size;
  const facts = unknown.length === 1 ? '1 fact' : `${unknown.length} facts`;
  if (!unknown.some(({ reason }) => reason === DENIED)) return `${size}; ${facts} unknown`;
  return `${size}; ${facts} unknown: run ${from === undefined ? '' : 'the collector '}as root`;
}

async function recordMachine(options: RecordOptions): Promise<Machine> {
  if (options.from !== undefined)
    return (await import('../../node/collect/record-from.js')).recordFrom(options.from);
  if (options.qemu === true)
    return (await import('../../node/qemu/record-qemu.js')).recordFromQemu(readQemuOptions(options));
  return (await import('../../node/collect/record-live.js')).recordLive();
}

function buildCollectorCommand(): Command {
  return addForceOption(new Command('collector'))
    .description('print a shell script that collects the files for machine record, on a machine without Node')
    .option('-o, --output <file>', 'the file to write (default: standard output)')
    .addHelpText(
      'after',
      explainUsage({
        about: `
The script needs sh, the utilities of POSIX or busybox, and tar. It writes one tar to standard output; it mounts nothing
and changes nothing. What it cannot read is listed in the file "unknown" of the tar. Run it as root, so that it can read
everything.`,
        examples: `
kexec-file machine collector | ssh root@server1 'sh -s' > server1.tar
kexec-file machine record --from server1.tar -o server1.json`,
      }),
    )
    .action(async (options: OutputCliOptions & { output?: string }) => {
      const outputs = readOutputOptions(options);
      checkOutputs({ '--output': options.output }, outputs);
      const { buildCollectorScript } = await import('../../node/collect/collector-script.js');
      const script = new TextEncoder().encode(buildCollectorScript());
      if (options.output === undefined) printBytes(script);
      else await writeOutput(options.output, [script], outputs, (size) => `the collector's script, ${size}`);
    });
}

function buildShowCommand(): Command {
  return new Command('show')
    .description('show a recorded machine and its memory map')
    .argument('<machine>', 'a machine file or a preset')
    .option('--json', 'print the machine file')
    .addHelpText(
      'after',
      explainUsage({
        examples: `
kexec-file machine show server.json
kexec-file machine show qemu-virt --json`,
      }),
    )
    .action(async (name: string, options: { json?: boolean }) => {
      const machine = await findMachine(name);
      if (options.json === true) printMachineFile(formatMachine(machine));
      else printText(formatMachineText(machine, outputView()));
    });
}
