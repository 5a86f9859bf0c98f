import { gzipSync } from 'node:zlib';
import { Command, Option } from 'commander';
import { buildCaptureInitrd, CAPTURE_ENDS, type CaptureInitrd } from '../../crash/capture/capture-initrd.js';
import { type CaptureTarget, parseCaptureTarget } from '../../crash/capture/capture-target.js';
import { buildCollectorScript } from '../../node/collect/collector-script.js';
import { KernelModules } from '../../node/files/kernel-modules.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { explainUsage } from '../help/explain-usage.js';
import { describeBusybox, readAnyBusybox } from '../options/busybox.js';
import { buildListOption, collect, wholeNumber } from '../options/option-values.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import { writeOutput } from '../terminal/write-output.js';

interface Options extends OutputCliOptions {
  readonly output: string;
  readonly busybox?: string;
  readonly save: readonly string[];
  readonly then: CaptureInitrd['end'];
  readonly modules?: string;
  readonly module: readonly string[];
  readonly wait: number;
}

/** Modules for a 9p share, if the kernel does not have them built in. */
const MODULES_OF_9P = ['virtio_pci', '9pnet_virtio', '9p'];

export function buildCrashInitrdCommand(): Command {
  return addForceOption(new Command('initrd'))
    .description("build a capture kernel's initrd, which saves the dump and reboots")
    .requiredOption('-o, --output <file>', 'the file to write')
    .requiredOption(
      '--save <target>',
      'where to save the dump: label=NAME[:/PATH], dev=/dev/…[:/PATH], 9p=TAG[:/PATH], or raw=/dev/… ' +
        '(overwritten); repeatable: the next target is used if one fails',
      collect,
    )
    .addOption(new Option('--then <end>', 'what to do afterwards').choices(CAPTURE_ENDS).default('reboot'))
    .option('--busybox <file>', describeBusybox("the capture kernel's CPU, arm64 or x86_64"))
    .option('--modules <folder>', "the capture kernel's modules: /lib/modules/RELEASE")
    .addOption(
      buildListOption('--module <name>', 'a module to load, after those that it depends on; repeatable'),
    )
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for a disk')
        .argParser(wholeNumber(0, 99_999))
        .default(30),
    )
    .addHelpText(
      'after',
      explainUsage({
        about: `
The initrd is for the architecture of its busybox. It contains that, a script that saves /proc/vmcore, and the collector of "machine collector". The
same input gives the same bytes.

A dump is saved as /PATH/DATE-TIME/vmcore, called vmcore.incomplete until it is complete: all of /proc/vmcore, as ELF,
with a machine.tar for "machine record --from". A target without enough space is skipped, with a line that says how much
is missing; "vmcore save" makes a dump smaller afterwards.`,
        documents: ['docs/kdump.md'],
        examples: `
kexec-file crash initrd -o kdump.img --save label=crash:/var/crash \\
  --modules /lib/modules/$(uname -r) --module nvme --module ext4
kexec-file crash initrd -o kdump.img --busybox ./busybox --then poweroff \\
  --save dev=/dev/nvme0n1p3 --save raw=/dev/nvme0n1p4
kexec-file load /boot/vmlinuz --initrd kdump.img --panic --capture-cmdline`,
      }),
    )
    .action(build);
}

async function build(options: Options): Promise<void> {
  const { output } = options;
  const outputs = readOutputOptions(options, [options.busybox, options.modules]);
  checkOutputs({ '--output': output }, outputs);
  const targets = options.save.map(parseCaptureTarget);
  const { architecture, elfMachine, bytes: busybox } = readAnyBusybox(options.busybox);
  const initrd = buildCaptureInitrd({
    targets,
    end: options.then,
    patience: options.wait,
    busybox,
    collector: buildCollectorScript(),
    modules: await readModules(options, targets, elfMachine),
  });
  const places = options.save.join(', then to ');
  await writeOutput(
    output,
    [gzipSync(initrd, { level: 9 })],
    outputs,
    (size) => `${size}, an initrd for ${architecture} that saves to ${places}`,
  );
}

async function readModules(
  { modules, module }: Options,
  targets: readonly CaptureTarget[],
  elfMachine: number,
) {
  if (modules === undefined) return [];
  const available = new KernelModules(modules, elfMachine);
  const implied = targets.some(({ kind }) => kind === '9p') ? MODULES_OF_9P : [];
  return available.readInLoadOrder([...implied.filter((name) => available.has(name)), ...module]);
}
