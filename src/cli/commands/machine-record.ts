import { Command } from 'commander';
import { refuse } from '../../base/error.js';
import { totalSize } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { hasKernelPurgatory } from '../../machine/architectures.js';
import { describePlace, RELEASE, type Source } from '../../machine/collect/source.js';
import { DENIED, SOURCES } from '../../machine/collect/sources.js';
import { listRam } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { listBoards, QEMU_BOARDS } from '../../machine/qemu-boards.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';
import { formatMachine } from '../../machine/schema.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { findDescriptor, STDOUT } from '../../node/files/standard-descriptors.js';
import { escapeJson } from '../../view/json/format-json.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { explainUsage } from '../help/explain-usage.js';
import { describeBusybox, readBusybox } from '../options/busybox.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import {
  addBoardOptions,
  type BoardCliOptions,
  buildFirmwareOption,
  buildTimeoutOption,
  checkLevel,
  readBoardOptions,
} from '../options/qemu-options.js';
import { printBytes } from '../terminal/output.js';
import { printMachineFile, printReport } from '../terminal/reports.js';
import { writeOutput } from '../terminal/write-output.js';

/** Default of --timeout, in seconds. */
const TIMEOUT = 300;

interface RecordOptions extends BoardCliOptions, OutputCliOptions {
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
  return addForceOption(addBoardOptions(new Command('record')))
    .description('record this machine, a machine whose files were collected, or a machine of QEMU')
    .option('--from <path>', 'record a machine from its collected files, in a folder or a tar')
    .option('--qemu', 'record the machine of QEMU that --board, --memory, --smp, --cpu and --el describe')
    .addOption(buildFirmwareOption('with --qemu: uefi boots a kernel by UEFI firmware, with ACPI'))
    .option('--kernel <file>', 'with --firmware uefi, or a PC: the kernel that boots, and is recorded')
    .option('--busybox <file>', `with --kernel: ${describeBusybox("the board's CPU")}`)
    .option('--command-line <text>', 'with --kernel: its parameters, such as crashkernel=256M')
    .addOption(buildTimeoutOption(`with --kernel: stop the guest after this time (default: ${TIMEOUT})`))
    .option(
      '--kernel-image <file>',
      'the kernel that runs on an x86_64 machine, whose purgatory a load there needs (default: /boot/vmlinuz-$(uname -r) of this machine; with --qemu, the one of --kernel)',
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

With --qemu, the machine is what QEMU's device tree says. QEMU has none of a PC (--board q35 or pc), and what UEFI
firmware and ACPI tables say is known to a kernel that was booted by them. So --kernel then boots in QEMU, with an
initrd that runs the collector, by busybox, and powers off. A PC boots by SeaBIOS, or with --firmware uefi by UEFI,
which needs firmware for QEMU (on Debian, qemu-efi-aarch64, and ovmf for a PC).

A folder or tar (plain or gzip, at most 32 MiB) contains what "machine collector" collects, or copies of these files. An
arm64 machine needs fdt or device-tree, an x86_64 machine iomem; the others add facts:
${SOURCES.map(formatSource).join('\n')}`,
        documents: ['docs/machines.md'],
        examples: `
kexec-file machine record -o here.json
kexec-file machine record --from server1.tar -o server1.json
kexec-file machine record --qemu --memory 4G --cpu neoverse-n1 -o n1.json
kexec-file machine record --qemu --firmware uefi --kernel vmlinuz -o uefi.json
kexec-file machine record --qemu --board q35 --kernel vmlinuz-amd64 \\
  --busybox busybox-amd64 -o q35.json`,
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
  checkQemuUsage(options, command);
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

/** Whether a kernel has to boot for the machine to be known. */
function bootsKernel({ board, firmware = 'none' }: RecordOptions): boolean {
  return firmware === 'uefi' || !QEMU_BOARDS[board].hasDeviceTree;
}

function checkQemuUsage(options: RecordOptions, command: Command): void {
  const { board, qemu, kernel } = options;
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const nameGiven = (names: readonly string[]): string =>
    command.options
      .filter((option) => names.filter(isGiven).includes(option.attributeName()))
      .map(({ long }) => long)
      .join(', ');
  const fail = (text: string): never => command.error(`error: ${text}`, { exitCode: 2 });

  if (!bootsKernel(options)) {
    const ignored = nameGiven(['kernel', 'busybox', 'commandLine', 'timeout']);
    if (ignored !== '') fail(`${ignored}: only --firmware uefi, and the boards ${PCS}, boot a kernel`);
    if (isGiven('board') && qemu !== true) fail('--board: only a machine of QEMU has that; give --qemu');
    return;
  }
  const why = nameGiven(['board', 'firmware']);
  if (qemu !== true) fail(`${why}: only a machine of QEMU has that; give --qemu`);
  if (kernel === undefined) fail(`${why}: a kernel has to boot there; give one with --kernel`);
  checkLevel(command, board);
}

/** The boards that a kernel has to boot on. */
const PCS = listBoards()
  .filter((name) => !QEMU_BOARDS[name].hasDeviceTree)
  .join(' and ');

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
  if (kernelImage !== undefined)
    return (await import('../../node/collect/add-purgatory.js')).addPurgatory(machine, kernelImage);
  return from === undefined && qemu !== true
    ? (await import('../../node/collect/record-this-machine.js')).completeThisMachine(machine)
    : machine;
}

async function recordFacts(options: RecordOptions): Promise<Machine> {
  if (options.from !== undefined)
    return (await import('../../node/collect/record-from.js')).recordFrom(options.from);
  if (options.qemu !== true) return (await import('../../node/collect/record-live.js')).recordLive();
  if (bootsKernel(options)) return recordByBooting(options);
  return (await import('../../node/qemu/record-qemu.js')).recordFromQemu(readBoardOptions(options));
}

async function recordByBooting(options: RecordOptions): Promise<Machine> {
  const { kernel = '', commandLine = '', timeout = TIMEOUT, firmware = 'none' } = options;
  const { readImage } = await import('../../node/qemu/read-image.js');
  const { recordBooted } = await import('../../node/qemu/record-booted.js');
  const { findQemuPlatform } = await import('../../node/qemu/qemu-platforms.js');
  const qemu = readBoardOptions(options);
  return recordBooted({
    ...{ qemu, firmware, commandLine, timeout },
    kernel: await readImage(kernel),
    busybox: readBusybox(options.busybox, findQemuPlatform(qemu).elfMachine),
  });
}
