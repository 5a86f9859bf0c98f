import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { identifyKernel } from '../../kexec/identify-kernel.js';
import type { KernelFileResult } from '../../kexec/load-kernel-file.js';
import type { LoadCall } from '../../kexec/load-options.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { nameInput } from '../../node/files/standard-input.js';
import { writeElfFile } from '../../node/files/write-elf-file.js';
import type { ChosenMachine } from '../../node/live/choose-machine.js';
import { CALL_NAMES } from '../../node/live/load-request.js';
import { noteMissingPurgatory, requestForCall } from '../../node/live/request-for-call.js';
import { planRequest } from '../../node/plan/plan-files.js';
import { buildPlanJson } from '../../view/json/plan-json.js';
import type { PlannedLoad } from '../../view/text/outcome-text.js';
import { joinPrintable } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import {
  addBootEntryOptions,
  type BootEntryCliOptions,
  buildEntryField,
  printEntry,
  requireKernel,
} from '../options/boot-entry-options.js';
import { addLoadOptions, type LoadArguments, PLAN_TEXTS } from '../options/load-arguments.js';
import { describePlace, findOptionMachine, MACHINE_DEFAULT } from '../options/machine-option.js';
import {
  addForceOption,
  listReport,
  type OutputCliOptions,
  readOutputOptions,
} from '../options/output-options.js';
import { listInputFiles, readRequest } from '../options/request-files.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { nameOutput, writeOutput } from '../terminal/write-output.js';

interface PlanOptions extends LoadArguments, OutputCliOptions, BootEntryCliOptions {
  readonly json?: boolean;
  readonly svg?: string;
  readonly html?: string;
  readonly elf?: string;
  /** `auto` only out of the settings. */
  readonly syscall?: LoadCall | 'auto';
}

export function buildPlanCommand(): Command {
  const command = addLoadOptions(new Command(), { ...PLAN_TEXTS, isKernelOptional: true });
  return addForceOption(addBootEntryOptions(command, { hasRoot: true }))
    .addOption(
      new Option(
        '--syscall <call>',
        'plan what that call makes: file is kexec_file_load, without purgatory; segments is kexec_load (default: segments)',
      ).choices(['file', 'segments']),
    )
    .option('--json', 'print the plan as JSON')
    .option('--svg <file>', 'write a picture of physical memory, now and when the next kernel starts')
    .option('--html <file>', 'write a page: outcome, picture, changes of the device tree, every check')
    .option('--elf <file>', 'write the segments as one ELF file that QEMU can boot')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Decides as the kernel decides in kexec_file_load(2), and prints the outcome, then every check in the kernel's order,
then memory and the warnings: what the next kernel lacks, which --strict refuses. ${MACHINE_DEFAULT}

The kernel may be an Image (arm64) or a bzImage (x86_64), or a file that contains one, also several layers deep:
compressed (gzip, zstd, xz, lz4, lzma, bzip2, lzo), zboot, UKI, vmlinux, uImage, FIT, Android boot image. FILE#NAME
takes a configuration of a FIT (board.itb#conf-2) or a profile of a UKI, by number or ID (linux.efi#debug). Signatures
are verified if --cert, --keyring, --dbx or --policy is given.

--command-line and --append are the same option. With --reuse-cmdline or --capture-cmdline, their text is appended,
before a "--" if there is one. The limit is 2047 bytes.

--default plans for what the boot loader of this machine would start, as "load --default" loads it.

--randomize places each segment at random within the rules of booting.rst. A seed gives the same places again, for
tests: anyone who knows the seed knows the places.`,
        documents: [
          'docs/placement.md',
          'docs/kernel-files.md',
          'docs/signatures.md',
          'docs/purgatory.md',
          'docs/kdump.md',
          'docs/json.md',
        ],
        examples: `
kexec-file plan vmlinuz --initrd initrd.img --command-line 'console=ttyAMA0'
kexec-file plan vmlinuz --machine server.json --json
kexec-file plan vmlinuz --machine server.json --html plan.html
kexec-file plan vmlinuz --elf kimage.elf && \\
  qemu-system-aarch64 -M virt -cpu cortex-a57 -m 2G -nographic \\
    -device loader,file=kimage.elf,cpu-num=0
kexec-file plan bzImage --machine qemu-q35 --syscall segments \\
    --elf kimage.elf && \\
  qemu-system-x86_64 -M q35 -m 2G -nographic -kernel kimage.elf`,
      }),
    )
    .action(plan);
}

async function plan(named: string | undefined, given: PlanOptions, command: Command): Promise<void> {
  const { kernel, initrd, options, entry } = await requireKernel(named, given, command);
  const outputs = readOutputOptions(options, listInputFiles(kernel, options));
  const { elf, svg, html, json } = options;
  const syscall = options.syscall === 'auto' ? undefined : options.syscall;
  checkOutputs({ '--elf': elf, '--svg': svg, '--html': html, ...listReport(options) }, outputs);
  const chosen = await findOptionMachine(options.machine);
  const { machine } = chosen;
  const planned = await planFor(await readRequest(kernel, options, machine, initrd), machine, syscall);
  const { result } = planned;
  const report = {
    ...(syscall === undefined ? {} : { syscall }),
    ...buildEntryField(entry),
    ...buildPlanJson(result),
  };
  if (json !== true) printEntry(entry);
  if (html !== undefined) {
    const page = await formatPage(kernel, options, { planned, chosen });
    await writeOutput(html, [page], outputs, (size) => `the plan as a page, ${size}`);
  }
  if ('refusal' in result) {
    if (json === true) printReport('plan', report);
    else await printPlan(basename(nameInput(kernel)), planned, chosen);
    throw result.refusal;
  }
  if (options.elf !== undefined) {
    const size = await writeElfFile(result.kimage, options.elf, { ...outputs, machine });
    nameOutput(options.elf, size, (bytes) => `the segments as one ELF file, ${bytes}`);
  }
  if (options.svg !== undefined) {
    const { drawMemoryMap } = await import('../../view/memory-map/map-svg.js');
    const { buildMemoryRows } = await import('../../view/memory-map/map-rows.js');
    const svg = drawMemoryMap(buildMemoryRows(machine, result.kimage), {
      title: `${basename(nameInput(kernel))} on ${machine.name}`,
    });
    const bytes = new TextEncoder().encode(svg);
    await writeOutput(options.svg, [bytes], outputs, (size) => `a picture of physical memory, ${size}`);
  }
  if (json === true) printReport('plan', report);
  else await printPlan(basename(nameInput(kernel)), planned, chosen);
}

/** A load that was planned, and what it was planned from. */
interface Planned {
  readonly request: LoadRequest;
  readonly result: KernelFileResult;
  readonly call: LoadCall | undefined;
}

async function planFor(asked: LoadRequest, machine: Machine, call: LoadCall | undefined): Promise<Planned> {
  const request = call === undefined ? asked : requestForCall(asked, call);
  const result = await planRequest(request, machine);
  const notes = call === 'file' ? noteMissingPurgatory(asked.options ?? {}) : [];
  return {
    request,
    result: 'refusal' in result ? result : { ...result, trail: [...result.trail, ...notes] },
    call,
  };
}

/** What the outcome names: kernel, place and system call. */
function nameLoad(
  name: string,
  { request: { kernel: file }, result: { image, trail }, call }: Planned,
  chosen: ChosenMachine,
): Pick<PlannedLoad, 'kernel' | 'place' | 'call'> {
  const identity = identifyKernel({ file, image, trail, hashes: nodeHashes });
  return { kernel: { name, identity }, place: describePlace(chosen), call: call && CALL_NAMES[call] };
}

/** Prints the outcome, every check and, if the kernel loads, memory and the warnings. */
async function printPlan(name: string, planned: Planned, chosen: ChosenMachine): Promise<void> {
  const { formatOutcome, formatWarnings } = await import('../../view/text/outcome-text.js');
  const { formatPlan } = await import('../../view/text/plan-text.js');
  const { formatTrail } = await import('../../view/text/trail-text.js');
  const { result } = planned;
  const view = outputView();
  const parts = [
    formatOutcome({ ...result, ...nameLoad(name, planned, chosen) }, view),
    'refusal' in result ? formatTrail(result.trail, view) : formatPlan(result, chosen.machine, view),
    formatWarnings(result.trail, view),
  ];
  printText(
    joinPrintable(
      parts.filter((part) => part !== ''),
      '\n\n',
    ),
  );
}

/** The page of `--html`: of a refusal, too. */
async function formatPage(
  kernel: string,
  { initrd, commandLine, append, panic }: PlanOptions,
  { planned, chosen }: { readonly planned: Planned; readonly chosen: ChosenMachine },
): Promise<Uint8Array> {
  const { formatPlanPage } = await import('../../view/plan-page/plan-page.js');
  const { listPlanFacts } = await import('../../view/plan-page/plan-facts.js');
  const name = nameInput(kernel);
  const facts = listPlanFacts({
    kernel: name,
    initrd: initrd === undefined ? undefined : nameInput(initrd),
    commandLine: commandLine ?? append,
    type: panic === true ? 'crash' : 'default',
  });
  const options = { ...nameLoad(basename(name), planned, chosen), facts };
  return new TextEncoder().encode(formatPlanPage(planned.result, chosen.machine, options));
}
