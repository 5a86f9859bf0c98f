import { Command } from 'commander';
import { recordFromFolder } from '../collect/folder.js';
import { recordFromQemu } from '../collect/qemu.js';
import { writeFile } from '../host/files.js';
import type { Machine } from '../machine/machine.js';
import { formatMachine } from '../machine/schema.js';
import { factsText } from '../view/inspect/facts-text.js';
import { machineFacts } from '../view/inspect/machine.js';
import { memoryMap } from '../view/memory-map.js';
import { memoryMapText } from '../view/memory-map-text.js';
import { findMachine } from './load-options.js';
import { printJson, printText, useColor } from './output.js';
import { addQemuOptions, type QemuCliOptions, qemuOptions } from './qemu-options.js';

export function machineCommand(): Command {
  return new Command().addCommand(recordCommand()).addCommand(showCommand());
}

interface RecordOptions extends QemuCliOptions {
  readonly from?: string;
  readonly qemu?: boolean;
  readonly output?: string;
}

function recordCommand(): Command {
  return addQemuOptions(new Command('record'))
    .description('record a machine from collected files or from QEMU')
    .option('--from <folder>', 'take the files that were collected into a folder')
    .option('--qemu', 'take the machine that QEMU makes of --memory, --smp, --cpu and --el')
    .option('-o, --output <file>', 'write the machine file here instead of standard output')
    .addHelpText(
      'after',
      `
A folder holds what was copied from the machine, as root, under these names; fdt is needed, the rest sharpens it:
  fdt               /sys/firmware/fdt
  iomem             /proc/iomem
  cmdline           /proc/cmdline
  memblock-memory   /sys/kernel/debug/memblock/memory
  memblock-reserved /sys/kernel/debug/memblock/reserved
  cpuinfo           /proc/cpuinfo
  config            /boot/config-$(uname -r)
  vmcoreinfo        the VMCOREINFO text

Examples:
  kexec-file machine record --from server1/ -o server1.json
  kexec-file machine record --qemu --memory 4G --cpu neoverse-n1 -o n1.json`,
    )
    .action(record);
}

async function record(options: RecordOptions, command: Command): Promise<void> {
  if ((options.from === undefined) === (options.qemu !== true)) {
    command.error('error: give either --from FOLDER or --qemu', { exitCode: 2 });
  }
  const machine =
    options.from === undefined ? await recordFromQemu(qemuOptions(options)) : recordFromFolder(options.from);
  const text = formatMachine(machine);
  if (options.output === undefined) process.stdout.write(text);
  else await writeFile(options.output, [new TextEncoder().encode(text)], []);
}

function showCommand(): Command {
  return new Command('show')
    .description('show what is known of a machine')
    .argument('<machine>', 'a machine file or a preset')
    .option('--json', 'print it as a machine file')
    .action(async (name: string, options: { json?: boolean }) => {
      const machine = await findMachine(name);
      if (options.json === true) printJson(JSON.parse(formatMachine(machine)));
      else printText(showText(machine));
    });
}

function showText(machine: Machine): string {
  return [factsText(machineFacts(machine)), '', memoryMapText(memoryMap(machine), { color: useColor })].join(
    '\n',
  );
}
