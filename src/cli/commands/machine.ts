import { Command } from 'commander';
import { formatMachine } from '../../machine/schema.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { formatMachineText } from '../../view/text/machine-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import { printBytes, printText } from '../terminal/output.js';
import { printMachineFile } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { writeOutput } from '../terminal/write-output.js';
import { buildMachineEntriesCommand } from './machine-entries.js';
import { buildMachinePackCommand, buildMachineUnpackCommand } from './machine-fleet.js';
import { buildMachineRecordCommand } from './machine-record.js';

export function buildMachineCommand(): Command {
  return new Command()
    .addCommand(buildMachineRecordCommand())
    .addCommand(buildCollectorCommand())
    .addCommand(buildShowCommand())
    .addCommand(buildMachineEntriesCommand())
    .addCommand(buildMachinePackCommand())
    .addCommand(buildMachineUnpackCommand())
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
