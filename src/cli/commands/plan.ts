import { basename } from 'node:path';
import { Command } from 'commander';
import { writeElfFile } from '../../node/files/write-elf-file.js';
import { writeFile } from '../../node/files/write-file.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { buildPlanJson } from '../../view/json/plan-json.js';
import { addLoadOptions, type LoadArguments } from '../options/load-arguments.js';
import { DEFAULT_MACHINE } from '../options/machine-option.js';
import { inputFiles, loadFiles } from '../options/request-files.js';
import { printJson, printText, useColor } from '../terminal/output.js';

interface PlanOptions extends LoadArguments {
  readonly json?: boolean;
  readonly svg?: string;
  readonly elf?: string;
}

export function planCommand(): Command {
  return addLoadOptions(new Command())
    .option('--json', 'print the plan as JSON')
    .option('--svg <file>', 'draw physical memory')
    .option('--elf <file>', 'write the segments as one ELF file, which QEMU boots')
    .addHelpText(
      'after',
      `
Without --machine the plan is for ${DEFAULT_MACHINE}, QEMU's virt board with 2 GiB of RAM.

Examples:
  kexec-file plan vmlinuz --initrd initrd.img --command-line 'console=ttyAMA0'
  kexec-file plan vmlinuz --machine server.json --json
  kexec-file plan vmlinuz --elf kimage.elf && \\
    qemu-system-aarch64 -M virt -cpu cortex-a57 -m 2G -nographic -device loader,file=kimage.elf,cpu-num=0`,
    )
    .action(plan);
}

async function plan(kernel: string, options: PlanOptions): Promise<void> {
  const machine = await findMachine(options.machine ?? DEFAULT_MACHINE);
  const result = await loadFiles(kernel, options, machine);
  if (options.json === true) printJson(buildPlanJson(result));

  if ('refusal' in result) {
    if (options.json !== true) {
      const { formatTrail } = await import('../../view/text/trail-text.js');
      printText(formatTrail(result.trail, { color: useColor }));
    }
    throw result.refusal;
  }
  const inputs = inputFiles(kernel, options);
  if (options.elf !== undefined) await writeElfFile(result.kimage, options.elf, inputs);
  if (options.svg !== undefined) {
    const { drawMemoryMap } = await import('../../view/memory-map/map-svg.js');
    const { buildMemoryRows } = await import('../../view/memory-map/map-rows.js');
    const svg = drawMemoryMap(buildMemoryRows(machine, result.kimage), {
      title: `${basename(kernel)} on ${machine.name}`,
    });
    await writeFile(options.svg, [new TextEncoder().encode(svg)], inputs);
  }
  if (options.json !== true) {
    const { formatPlan } = await import('../../view/text/plan-text.js');
    printText(formatPlan(result, machine, { color: useColor }));
  }
}
