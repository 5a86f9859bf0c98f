import { basename } from 'node:path';
import { Command, Option } from 'commander';
import type { TrailEntry } from '../../base/trail.js';
import { isWarningCheck } from '../../base/warnings.js';
import { identifyKernel } from '../../kexec/identify-kernel.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { nameInput } from '../../node/files/standard-input.js';
import { isSystemdRunning } from '../../node/live/execute-live.js';
import { loadLive } from '../../node/live/load-live.js';
import { LoadRefusedError } from '../../node/live/load-refused-error.js';
import { CALL_NAMES, type LiveLoad, type LiveLoaded } from '../../node/live/load-request.js';
import { isLoadedByOthers, markLoaded } from '../../node/live/loaded-mark.js';
import { type PredictedLoad, predictLive } from '../../node/live/predict-live.js';
import { readRunningKernel } from '../../node/plan/read-running.js';
import { buildPlanJson, buildRefusedJson, buildTrailEntryJson } from '../../view/json/plan-json.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { type DoneLoad, formatDone, formatOutcome } from '../../view/text/outcome-text.js';
import { line } from '../../view/text/printable.js';
import { formatTrail } from '../../view/text/trail-text.js';
import { explainUsage } from '../help/explain-usage.js';
import {
  addBootEntryOptions,
  type BootEntryCliOptions,
  buildEntryField,
  type KernelChoice,
  printEntry,
  requireKernel,
} from '../options/boot-entry-options.js';
import {
  addLoadOptions,
  type LoadArguments,
  PLAN_TEXTS,
  readLoadOptions,
} from '../options/load-arguments.js';
import { buildSyscallOption } from '../options/syscall-option.js';
import { readTrustOptions } from '../options/trust-options.js';
import { complain } from '../terminal/complain.js';
import { printError, printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { errorView, outputView } from '../terminal/screen.js';

interface LoadCliOptions extends LoadArguments, BootEntryCliOptions {
  readonly syscall: LiveLoad['syscall'];
  readonly dtb?: string;
  readonly debug?: boolean;
  readonly hotplug?: boolean;
  readonly unlessLoaded?: boolean;
  readonly dryRun?: boolean;
  readonly trail?: boolean;
  readonly json?: boolean;
}

export function buildLoadCommand(): Command {
  const command = addLoadOptions(new Command(), {
    kernel: PLAN_TEXTS.kernel,
    isKernelOptional: true,
    machine: 'a machine file of this machine and this boot, for its memory map and crash facts',
    policy: 'effect of a signature (default: enforce)',
  });
  return addBootEntryOptions(command, { hasRoot: false })
    .addOption(buildSyscallOption())
    .option(
      '--dtb <file>',
      "a board's device tree; memory, reservations and whatever else it lacks come from the running one",
    )
    .option('--debug', 'make the kernel log where it puts everything; kexec_file_load of Linux 6.8 and later')
    .option(
      '--hotplug',
      'with --panic: the kernel itself has to update the loaded crash kernel when CPUs or memory come or go (x86_64, Linux 6.6)',
    )
    .addOption(
      new Option(
        '--unless-loaded',
        'load nothing if a kernel is loaded, unless this option loaded that one: for services',
      ).conflicts(['panic', 'json']),
    )
    .addOption(
      new Option(
        '--dry-run',
        'make every check up to the system call, print the outcome, and load nothing',
      ).conflicts(['unlessLoaded', 'json']),
    )
    .option('--trail', 'print every check')
    .option('--json', 'print what was loaded as JSON, as plan does, with the system call')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Loads a kernel on this machine, with Linux for arm64 or x86_64, as root. It loads only what is trusted: by --cert and
--keyring or, without them, by this machine's EFI variables db and MokListRT. --policy permissive loads anything.

--syscall file is kexec_file_load(2): the kernel verifies and places. --syscall segments is kexec_load(2): this program
verifies and places, which also works on kernels without kexec_file_load. --dtb, --mem-min, --mem-max, --entry,
--serial, --on-mismatch, --randomize and --rules need "segments"; with "file" they are refused, not ignored.

--default loads what the boot loader of this machine would start: an entry of the Boot Loader Specification, of GRUB, of
extlinux.conf, or what else docs/installed.md lists; "kexec-file machine entries" shows them. Options of the command line
come before the [load] settings of /etc/kexec-file.conf. --initrd and --command-line replace what the entry says, and
--append adds to its command line.

--command-line and --append replace the command line. With --reuse-cmdline and --capture-cmdline they are appended.

If the load is refused or interrupted, what was loaded before stays loaded. One exception is the kernel's own: it
unloads a crash kernel before it looks at the next one.`,
        documents: ['docs/loading.md', 'docs/installed.md', 'docs/signatures.md', 'docs/kdump.md'],
        examples: `
kexec-file load --default && systemctl kexec
kexec-file load vmlinuz --initrd initrd.img --reuse-cmdline && kexec-file exec
kexec-file load vmlinuz --initrd initrd.img --keyring shimaa64.efi.signed
kexec-file load vmlinuz --initrd initrd.img --policy permissive \\
  --command-line 'console=ttyAMA0'
kexec-file load vmlinuz --initrd kdump.img --panic --capture-cmdline`,
      }),
    )
    .action(load);
}

async function load(named: string | undefined, given: LoadCliOptions, command: Command): Promise<void> {
  if (given.unlessLoaded === true && isLoadedByOthers()) {
    printText(line`A kernel is loaded already, by another command. It stays loaded.`);
    return;
  }
  const choice = await requireKernel(named, given, command);
  const { kernel, initrd, options } = choice;
  const { syscall, policy = 'enforce', dtb, debug, hotplug, machine } = options;
  const wanted: LiveLoad = {
    kernel,
    initrd,
    options: { ...readLoadOptions(options, readRunningKernel), hotplug },
    syscall,
    policy,
    trust: readTrustOptions(options),
    dtb,
    debug,
    machine,
  };
  if (given.dryRun === true) {
    printPredicted(await predictLive(wanted), choice);
    return;
  }
  try {
    const loaded = await loadLive(wanted);
    if (given.unlessLoaded === true) markLoaded();
    printLoaded(loaded, wanted, choice);
  } catch (error) {
    if (error instanceof LoadRefusedError) printRefused(error, choice);
    throw error;
  }
}

type LoadChoice = KernelChoice<LoadCliOptions>;

function printLoaded(loaded: LiveLoaded, wanted: LiveLoad, choice: LoadChoice): void {
  const { trail } = loaded;
  const { json, trail: isAsked } = choice.options;
  // JSON and a printed trail have the notes; warnings are for the person at the terminal as well.
  printNotes(trail, json !== true && isAsked !== true);
  if (json === true) {
    printReport('load', buildLoadedJson(loaded, wanted, choice));
    return;
  }
  printEntry(choice.entry);
  if (isAsked === true) printText(formatTrail(trail, outputView()));
  printText(formatDone(describeDone(loaded, wanted, choice), outputView()));
}

/** @throws KexecError if the load would be refused. */
function printPredicted(
  { syscall, file, result }: PredictedLoad,
  { kernel, entry, options }: LoadChoice,
): void {
  const { image, trail } = result;
  printEntry(entry);
  const name = basename(nameInput(kernel));
  const identity = identifyKernel({ file, image, trail, hashes: nodeHashes });
  const load = { kernel: { name, identity }, place: 'this machine', call: CALL_NAMES[syscall] };
  printText(formatOutcome({ ...result, ...load }, outputView()));
  printNotes(trail, false);
  if (options.trail === true) printText(formatTrail(trail, outputView()));
  if ('refusal' in result) throw result.refusal;
}

function describeDone(
  { syscall, file, image, initrd, trail }: LiveLoaded,
  wanted: LiveLoad,
  { initrdName }: LoadChoice,
): DoneLoad {
  const name = basename(nameInput(wanted.kernel));
  const identity = identifyKernel({ file, image, trail, hashes: nodeHashes });
  return {
    kernel: { name, identity, bytes: image.length },
    initrd: initrd && { name: initrdName && basename(nameInput(initrdName)), bytes: initrd.length },
    call: CALL_NAMES[syscall],
    isCrash: wanted.options.type === 'crash',
    hasSystemd: isSystemdRunning(),
  };
}

function buildLoadedJson(
  { syscall, kimage, trail }: LiveLoaded,
  wanted: LiveLoad,
  { initrdName, entry }: LoadChoice,
): Report<'load'> {
  const { kernel, options } = wanted;
  const { type = 'default', commandLine } = options;
  return {
    syscall,
    kernel,
    ...(initrdName === undefined ? {} : { initrd: initrdName }),
    ...(commandLine === undefined ? {} : { commandLine }),
    type,
    ...(kimage === undefined ? { trail: trail.map(buildTrailEntryJson) } : buildPlanJson({ kimage, trail })),
    ...buildEntryField(entry),
  };
}

function printRefused(refusal: LoadRefusedError, { options: { json }, entry }: LoadChoice): void {
  const { trail } = refusal;
  if (json === true) {
    printReport('load', { ...buildRefusedJson({ refusal, trail }), ...buildEntryField(entry) });
    return;
  }
  printError(formatTrail(trail, errorView()));
}

/** Prints warnings and, if asked for, everything else that the user should know. */
function printNotes(trail: readonly TrailEntry[], printsAll: boolean): void {
  for (const { verdict, check, detail, cure } of trail) {
    if (verdict !== 'note') continue;
    if (isWarningCheck(check)) complain(`warning: ${check}: ${detail}; ${cure}`);
    else if (printsAll) complain(`${check}: ${detail}`);
  }
}
