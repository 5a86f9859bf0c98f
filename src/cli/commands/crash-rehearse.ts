import { existsSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import { Command } from 'commander';
import type { ByteSource } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import type { CaptureModule } from '../../crash/capture/capture-initrd.js';
import { planStandIn } from '../../crash/rehearsal/stand-in.js';
import type { Machine } from '../../machine/machine-value.js';
import { findUsualBoard } from '../../machine/qemu-boards.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';
import { findDestination } from '../../node/files/destination.js';
import { openFileSource } from '../../node/files/file-source.js';
import { KernelModules } from '../../node/files/kernel-modules.js';
import { LogFile } from '../../node/files/log-file.js';
import { checkOutputs, type OutputOptions } from '../../node/files/outputs.js';
import { readFile } from '../../node/files/read-file.js';
import { withTemporaryFolder } from '../../node/files/temporary-folder.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { receivedSignal } from '../../node/process/ending.js';
import { findQemuPlatform } from '../../node/qemu/qemu-platforms.js';
import { readImage } from '../../node/qemu/read-image.js';
import { DISK_MODULES, type RehearsedDump } from '../../node/qemu/rehearsal/rehearsal-disks.js';
import { type Rehearsal, type RehearsalRequest, rehearse } from '../../node/qemu/rehearsal/rehearse.js';
import { buildRehearsalJson } from '../../view/json/rehearsal-json.js';
import { formatRehearsal } from '../../view/text/rehearsal-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { describeBusybox, readBusybox } from '../options/busybox.js';
import { collect } from '../options/option-values.js';
import {
  addForceOption,
  listReport,
  type OutputCliOptions,
  readOutputOptions,
} from '../options/output-options.js';
import {
  addMachineOptions,
  type BoardCliOptions,
  buildFirmwareOption,
  buildTimeoutOption,
  checkLevel,
} from '../options/qemu-options.js';
import { complain } from '../terminal/complain.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { sayWhatIsLeft } from '../terminal/what-is-left.js';
import { nameOutput, writeOutput } from '../terminal/write-output.js';

interface Options extends Pick<BoardCliOptions, 'cpu' | 'el'>, OutputCliOptions {
  readonly machine: string;
  readonly kernel?: string;
  readonly captureKernel?: string;
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly crashkernel?: readonly string[];
  readonly busybox?: string;
  readonly modules?: string;
  readonly memory?: string;
  readonly smp?: number;
  readonly firmware?: QemuFirmware;
  readonly timeout: number;
  readonly console: string;
  readonly vmcore?: string;
  readonly json?: boolean;
}

/** Default of --timeout, in seconds. */
const TIMEOUT = 600;

export function buildCrashRehearseCommand(): Command {
  const command = new Command('rehearse')
    .description('crash a recorded machine in QEMU, and check whether it saves a vmcore')
    .requiredOption('--machine <machine>', 'a machine file, or a preset')
    .option('--kernel <file>', 'the kernel that crashes (default: /boot/vmlinuz-RELEASE of that machine)')
    .option('--capture-kernel <file>', 'the kernel that saves (default: the same)')
    .option('--initrd <file>', "the capture kernel's initrd")
    .option(
      '--command-line <text>',
      "the capture kernel's command line (default: as load --capture-cmdline makes it)",
    )
    .option(
      '--crashkernel <size>',
      "size in place of the machine's, such as 192M; repeatable: 256M,high and 64M,low",
      collect,
    )
    .option('--busybox <file>', describeBusybox("the machine's CPU"))
    .option(
      '--modules <folder>',
      "the capture kernel's modules, needed if NVMe or virtio disks are not built in",
    );
  return addForceOption(addMachineOptions(command))
    .addOption(
      buildFirmwareOption(
        'what boots the guest: none is a device tree, on x86_64 SeaBIOS (default: as the machine)',
      ),
    )
    .addOption(buildTimeoutOption('stop after this time').default(TIMEOUT))
    .option('--console <file>', 'where to write the console output', 'rehearsal.log')
    .option('--vmcore <file>', 'where to keep the dump (default: not kept)')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Does not touch the recorded machine. QEMU boots the kernel with the machine's crashkernel= and as much RAM, or what this
host has. The capture kernel is planned for that guest and loaded by kexec_load(2); then the kernel panics. The capture
kernel unpacks its initrd and runs the script of "crash initrd" in place of the initrd's own init; the script saves to a
disk of QEMU's.

Exit code 0 if a readable vmcore is saved. Otherwise it is 1, and the report says at which stage the rehearsal stopped.`,
        documents: ['docs/kdump.md'],
        examples: `
kexec-file crash rehearse --machine server.json --kernel vmlinuz \\
  --initrd kdump.img --busybox busybox
kexec-file crash rehearse --machine server.json --kernel vmlinuz \\
  --crashkernel 192M --memory 2G --busybox busybox`,
      }),
    )
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  const { captureKernel, initrd, busybox, modules, smp, timeout } = options;
  const inputs = [options.machine, options.kernel, captureKernel, initrd, busybox, modules];
  const outputs = readOutputOptions(options, inputs);
  const { console: log, vmcore } = options;
  checkOutputs({ '--console': log, '--vmcore': vmcore, ...listReport(options) }, outputs);
  const machine = await findMachine(options.machine);
  checkLevel(command, findUsualBoard(machine.architecture));
  const kernel = await readImage(options.kernel ?? findKernel(machine));
  await withTemporaryFolder(async (folder) => {
    const standIn = planStandIn(machine, { ...options, cpus: smp }, findAvailableMemory(folder));
    const { elfMachine } = findQemuPlatform(standIn.qemu);
    const request = {
      standIn,
      kernel,
      captureKernel: captureKernel === undefined ? kernel : await readImage(captureKernel),
      initrd: initrd === undefined ? new Uint8Array(0) : readFile(initrd),
      busybox: readBusybox(options.busybox, elfMachine),
      modules: modules === undefined ? [] : await diskModules(modules, elfMachine),
      folder,
      timeout,
    };
    const rehearsal = await rehearseWithLog(request, new LogFile(options.console, outputs));
    if (receivedSignal() !== undefined) return;
    if (options.vmcore !== undefined && rehearsal.dump !== undefined) {
      await keepDump(rehearsal.dump, options.vmcore, outputs);
    }
    const facts = { ...rehearsal, machine: machine.name, standIn, console: options.console };
    if (options.json === true) printReport('crash-rehearse', buildRehearsalJson(facts));
    else printText(formatRehearsal(facts, outputView()));
    if (rehearsal.stage !== 'vmcore') process.exitCode = 1;
  });
}

/** Rehearses, and writes the console's output into a file. */
async function rehearseWithLog(
  request: Omit<RehearsalRequest, 'onConsole' | 'onStep'>,
  log: LogFile,
): Promise<Rehearsal> {
  try {
    return await sayWhatIsLeft(
      () => describeLeftover(log),
      () => rehearse({ ...request, onConsole: (text) => log.write(text), onStep: complain }),
    );
  } finally {
    log.close();
    if (log.size > 0) nameOutput(log.path, log.size, (size) => `the console output, ${size}`);
  }
}

/** Describes what a rehearsal leaves that was stopped, and how to start over. */
function describeLeftover({ path, size }: LogFile): string {
  if (size === 0) return 'nothing is left; run the same command again';
  if (findDestination(path).kind !== 'file')
    return 'no dump is kept; run the same command again to start over';
  const text = `${path} has the console output so far, ${formatSize(BigInt(size))}`;
  return `${text}, and no dump is kept; run the same command again with --force to start over`;
}

/** Finds the machine's kernel, if it is installed on this host. */
function findKernel({ name, kernel }: Machine): string {
  const path = `/boot/vmlinuz-${kernel?.release}`;
  if (kernel?.release !== undefined && existsSync(path)) return path;
  refuse(
    'file-access',
    'ENOENT',
    `the kernel of ${name}, ${kernel?.release ?? 'whose release is not known'}, is not in /boot`,
    { cure: 'give the kernel with --kernel' },
  );
}

async function diskModules(folder: string, elfMachine: number): Promise<CaptureModule[]> {
  const modules = new KernelModules(folder, elfMachine);
  return modules.readInLoadOrder(DISK_MODULES.filter((name) => modules.has(name)));
}

/** RAM for a guest, in bytes: half of the free memory, and no more than the disk has space for in a dump. */
function findAvailableMemory(folder: string): bigint {
  const { bavail, bsize } = statfsSync(folder, { bigint: true });
  const memory = BigInt(freemem()) / 2n;
  const disk = (bavail * bsize * 9n) / 10n;
  return memory < disk ? memory : disk;
}

/** How much of a dump is copied at once, in bytes. */
const CHUNK_BYTES = 1n << 22n;

/** Copies the dump, without the rest of the disk that it was saved to. */
async function keepDump(
  { path, size, release }: RehearsedDump,
  kept: string,
  outputs: OutputOptions,
): Promise<void> {
  const disk = openFileSource(path);
  try {
    const describe = (bytes: string): string =>
      `${bytes}, the vmcore of ${release === undefined ? 'an unknown release' : `Linux ${release}`}`;
    await writeOutput(kept, readPieces(disk, size), { ...outputs, isPrivate: true }, describe);
  } finally {
    disk.close();
  }
}

function* readPieces(source: ByteSource, size: bigint): Generator<Uint8Array> {
  for (let at = 0n; at < size; at += CHUNK_BYTES) {
    yield source.read(at, Number(size - at < CHUNK_BYTES ? size - at : CHUNK_BYTES));
  }
}
