import { Command } from 'commander';
import { refuse } from '../../base/error.js';
import { totalSize } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { hasKernelPurgatory } from '../../machine/architectures.js';
import { listRam } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';
import { formatMachine } from '../../machine/schema.js';
import { describePlace, RELEASE, type Source } from '../../node/collect/source.js';
import { DENIED, SOURCES } from '../../node/collect/sources.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { findDescriptor, STDOUT } from '../../node/files/standard-descriptors.js';
import { escapeJson } from '../../view/json/format-json.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { explainUsage } from '../help/explain-usage.js';
import { BUSYBOX_TEXT, readBusybox } from '../options/busybox.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import {
  addQemuOptions,
  buildFirmwareOption,
  buildTimeoutOption,
  type QemuCliOptions,
  readQemuOptions,
} from '../options/qemu-options.js';
import { printBytes } from '../terminal/output.js';
import { printMachineFile, printReport } from '../terminal/reports.js';
import { writeOutput } from '../terminal/write-output.js';

/** Default of --timeout, in seconds. */
const TIMEOUT = 300;

interface RecordOptions extends QemuCliOptions, OutputCliOptions {
  readonly from?: string;
  readonly qemu?: boolean;
  readonly firmware?: QemuFirmware;
  readonly kernel?: string;
  readonly kernelImage?: string;
  readonly busybox?: string;
  readonly commandLine?: string;
  readonly timeout?: number;
  readonly output?: string;
  readonly json?: boolean;
}

export function buildMachineRecordCommand(): Command {
  return addForceOption(addQemuOptions(new Command('record')))
    .description('record this machine, a machine whose files were collected, or a machine of QEMU')
    .option('--from <path>', 'record a machine from its collected files, in a folder or a tar')
    .option('--qemu', 'record the machine of QEMU that --memory, --smp, --cpu and --el describe')
    .addOption(buildFirmwareOption('with --qemu: uefi boots a kernel by UEFI firmware, with ACPI'))
    .option('--kernel <file>', 'with --firmware uefi: the kernel that boots, and is recorded')
    .option('--busybox <file>', `with --firmware uefi: ${BUSYBOX_TEXT}`)
    .option(
      '--command-line <text>',
      'with --firmware uefi: parameters of that kernel, such as crashkernel=256M',
    )
    .addOption(
      buildTimeoutOption(`with --firmware uefi: stop the guest after this time (default: ${TIMEOUT})`),
    )
    .option(
      '--kernel-image <file>',
      'the kernel that runs on an x86_64 machine, whose purgatory a load there needs (default for this machine: /boot/vmlinuz-$(uname -r))',
    )
    .option('-o, --output <file>', 'the file to write (default: standard output)')
    .option('--json', 'print what was recorded as JSON; on standard output, that is the machine file')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Without --from and --qemu it records the machine that it runs on. Run it as root, so that it can read everything. What
cannot be read is listed in the machine file under "unknown", with the reason. A machine without RAM is refused, and on
arm64 one without a device tree.

With --qemu, the machine is what QEMU's device tree says. What UEFI firmware and ACPI tables say is known to a kernel
that was booted by them. So --firmware uefi boots one and runs the collector there, with busybox, and powers off. It
needs UEFI firmware for QEMU (on Debian, qemu-efi-aarch64).

A folder or tar (plain or gzip, at most 32 MiB) contains what "machine collector" collects, or copies of these files. An
arm64 machine needs fdt or device-tree, an x86_64 machine iomem; the others add facts:
${SOURCES.map(formatSource).join('\n')}`,
        documents: ['docs/machines.md'],
        examples: `
kexec-file machine record -o here.json
kexec-file machine record --from server1.tar -o server1.json
kexec-file machine record --qemu --memory 4G --cpu neoverse-n1 -o n1.json
kexec-file machine record --qemu --firmware uefi --kernel vmlinuz -o uefi.json`,
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
  checkFirmwareUsage(options, command);
  const outputs = readOutputOptions(options, [
    options.from,
    options.kernel,
    options.kernelImage,
    options.busybox,
  ]);
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

function checkFirmwareUsage({ qemu, firmware = 'none', kernel }: RecordOptions, command: Command): void {
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  if (firmware === 'none') {
    const ignored = ['kernel', 'busybox', 'commandLine', 'timeout'].filter(isGiven);
    if (ignored.length === 0) return;
    const names = command.options.filter((option) => ignored.includes(option.attributeName()));
    const list = names.map(({ long }) => long).join(', ');
    command.error(`error: ${list}: only --firmware uefi boots a kernel`, { exitCode: 2 });
  }
  if (qemu !== true)
    command.error('error: --firmware uefi is a machine of QEMU: give --qemu', { exitCode: 2 });
  if (kernel === undefined)
    command.error('error: --firmware uefi boots a kernel: give one with --kernel', { exitCode: 2 });
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
  const machine = await recordFacts(options);
  const { from, qemu, kernelImage } = options;
  if (!hasKernelPurgatory(machine)) {
    if (kernelImage === undefined) return machine;
    refuse(
      'running-purgatory',
      'ENODATA',
      `${machine.name} is of ${machine.architecture}, whose kernels have no purgatory`,
    );
  }
  const { addOwnPurgatory, addPurgatory } = await import('../../node/collect/add-purgatory.js');
  if (kernelImage !== undefined) return addPurgatory(machine, kernelImage);
  return from === undefined && qemu !== true ? addOwnPurgatory(machine) : machine;
}

async function recordFacts(options: RecordOptions): Promise<Machine> {
  if (options.from !== undefined)
    return (await import('../../node/collect/record-from.js')).recordFrom(options.from);
  if (options.qemu === true && options.firmware === 'uefi') return recordByUefi(options);
  if (options.qemu === true)
    return (await import('../../node/qemu/record-qemu.js')).recordFromQemu(readQemuOptions(options));
  return (await import('../../node/collect/record-live.js')).recordLive();
}

async function recordByUefi(options: RecordOptions): Promise<Machine> {
  const { kernel = '', commandLine = '', timeout = TIMEOUT } = options;
  const { readImage } = await import('../../node/qemu/read-image.js');
  const { recordBooted } = await import('../../node/qemu/record-booted.js');
  return recordBooted({
    ...({ firmware: 'uefi', commandLine, timeout } as const),
    qemu: readQemuOptions(options),
    kernel: await readImage(kernel),
    busybox: readBusybox(options.busybox),
  });
}
