import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { CHECK_GROUPS, type Check, type CheckGroup, LOAD_GROUPS } from '../../base/checks.js';
import { parseErrno } from '../../base/errno.js';
import { attemptAsync, type Errno, KexecError } from '../../base/error.js';
import { diagnose } from '../../doctor/diagnose.js';
import type { Finding } from '../../doctor/finding.js';
import { findCandidates, findChecksByErrno } from '../../explain/candidates.js';
import { explainCheck } from '../../explain/explain-check.js';
import { explainTrail } from '../../explain/explanation.js';
import { KernelLog } from '../../explain/kernel-log.js';
import { checkLogIsText } from '../../explain/log-format.js';
import { detectKernelFileKind } from '../../kernel-file/kernel-file-kinds.js';
import { FILE_LOAD_ERRNOS, SEGMENT_LOAD_ERRNOS } from '../../kexec/call-errnos.js';
import { kexecFileLoad } from '../../kexec/file-load.js';
import { identifyKernel } from '../../kexec/identify-kernel.js';
import type { KernelFileResult } from '../../kexec/load-kernel-file.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import type { FileInput } from '../../node/files/file-input.js';
import { nameInput } from '../../node/files/standard-input.js';
import { type ChosenMachine, chooseMachine, DEFAULT_PRESET } from '../../node/live/choose-machine.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { planRequest } from '../../node/plan/plan-files.js';
import { buildExplanationJson } from '../../view/json/plan-json.js';
import { buildRefusalJson } from '../../view/json/refusal-json.js';
import { formatCandidates } from '../../view/text/candidates-text.js';
import { formatExplainedCheck } from '../../view/text/explained-check-text.js';
import { formatExplanation } from '../../view/text/explanation-text.js';
import { formatLogMatches } from '../../view/text/kernel-log-text.js';
import { describeKernel } from '../../view/text/outcome-text.js';
import { joinPrintable, type Printable } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import {
  addBootEntryOptions,
  type BootEntryCliOptions,
  buildEntryField,
  type KernelChoice,
  printEntry,
  requireKernel,
} from '../options/boot-entry-options.js';
import { addLoadOptions, type LoadArguments, PLAN_TEXTS } from '../options/load-arguments.js';
import { describePlace, findOptionMachine, MACHINE_DEFAULT } from '../options/machine-option.js';
import { readRequest } from '../options/request-files.js';
import { complain } from '../terminal/complain.js';
import { REFUSED } from '../terminal/exit-codes.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { findSubject, type Subject } from './explain-subject.js';

interface ExplainOptions extends LoadArguments, BootEntryCliOptions {
  readonly errno?: Errno;
  readonly log?: string;
  readonly json?: boolean;
}

export function buildExplainCommand(): Command {
  const command = addLoadOptions(new Command(), {
    ...PLAN_TEXTS,
    kernel: `${PLAN_TEXTS.kernel}; or a check or an errno, such as segment-total or EINVAL`,
    isKernelOptional: true,
  });
  return addBootEntryOptions(command, { hasRoot: true })
    .option(
      '--errno <errno>',
      'explain an errno, given as name, number or text: EINVAL, -22, "Invalid argument"',
      parseErrnoOption,
    )
    .option(
      '--log <file>',
      'explain a kernel log: output of dmesg, a journal or a serial console; - is standard input',
    )
    .option('--json', 'print the explanation as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Explains in words whether a load succeeds. For a refusal it prints what was seen, the rule, whose rule it is, and what
to do; then every other check, by subject. ${MACHINE_DEFAULT}

In place of a kernel, it takes the name of a check (segment-total), which it explains: why it exists, the rule and its
source, how one gets there, and what to do; or an errno in capitals or as a number (EINVAL, 22). A file of such a name
is written with its folder: ./vmlinux.

For an errno, also with --errno, it prints what each system call means by it and every check that can end in it, and
which of them the given kernel and machine rule out. With --log it explains each line of a kernel log that is about
kexec or kdump.

Exit code 0 if the kernel would load or none is given, 1 if it would be refused, 2 for wrong usage.`,
        documents: ['docs/explain.md', 'docs/errors.md'],
        examples: `
kexec-file explain vmlinuz --machine server.json
kexec-file explain uki.efi --keyring shimaa64.efi.signed --policy enforce
kexec-file explain segment-total
kexec-file explain EINVAL
kexec-file explain --errno 'Device or resource busy' --machine server.json
dmesg | kexec-file explain --log -`,
      }),
    )
    .action(explain);
}

function parseErrnoOption(text: string): Errno {
  const errno = parseErrno(text);
  if (errno === undefined) {
    throw new InvalidArgumentError(
      'no load ends in that; examples of an errno: EINVAL, 22, "Invalid argument"',
    );
  }
  return errno;
}

async function explain(word: string | undefined, options: ExplainOptions, command: Command): Promise<void> {
  if (options.default === true || options.bootEntry !== undefined) {
    const choice = await requireKernel(word, options, command);
    return explainLoad(choice.kernel, choice.options, choice);
  }
  const subject = word === undefined ? undefined : findSubject(word);
  if (subject === undefined) {
    if (options.errno === undefined && options.log === undefined) {
      command.error('error: give a kernel, a check, an errno, or --log', { exitCode: 2 });
    }
    return explainLoad(undefined, options);
  }
  if ('check' in subject) return printCheck(subject, options, command);
  if ('kernel' in subject) return explainLoad(subject.kernel, options);
  if (options.errno !== undefined) command.error('error: give one errno', { exitCode: 2 });
  return explainLoad(undefined, { ...options, errno: subject.errno });
}

/** Explains a check, about which no option says anything. */
function printCheck(
  { check, isAlsoFile }: Extract<Subject, { check: unknown }>,
  { json }: ExplainOptions,
  command: Command,
): void {
  const ignored = command.options.find(
    ({ long }) => !INDEPENDENT.includes(long ?? '') && isGiven(command, long ?? ''),
  );
  if (ignored !== undefined) {
    const why = `${check} is a check, and ${ignored.long} is about a load`;
    command.error(`error: ${why}; for a file of that name, write ./${check}`, { exitCode: 2 });
  }
  if (isAlsoFile) complain(`${check} is a check; for the file of that name, write ./${check}`);
  const explained = explainCheck(check);
  if (json === true) printReport('explain', { check: explained });
  else printText(formatExplainedCheck(explained, outputView()));
}

/** Options that have an effect whatever is explained. */
const INDEPENDENT: readonly string[] = ['--json', '--color', '--debug'];

function isGiven(command: Command, flag: string): boolean {
  const option = command.options.find(({ long }) => long === flag);
  return option !== undefined && command.getOptionValueSource(option.attributeName()) === 'cli';
}

async function explainLoad(
  kernel: string | undefined,
  options: ExplainOptions,
  { entry, initrd }: Partial<KernelChoice<ExplainOptions>> = {},
): Promise<void> {
  const { errno, log, json } = options;
  const chosen = await findMachineFor(kernel, options.machine);
  // The preset stands for no machine that has findings of its own.
  const known = chosen.by === 'default' ? undefined : chosen.machine;
  const { machine } = chosen;
  const loaded = kernel === undefined ? undefined : await load(kernel, options, { machine, initrd });
  const list =
    errno === undefined
      ? undefined
      : findCandidates(errno, {
          load: loaded?.result,
          asItIs: loaded?.asItIs,
          securityModules: known && listDenyingModules(known),
          findings: known === undefined ? [] : diagnoseMachine(known, options),
        });
  const read = log === undefined ? undefined : await readLog(log, known);

  if (loaded !== undefined && 'refusal' in loaded.result) process.exitCode = REFUSED;
  if (json === true) {
    printReport('explain', {
      ...(loaded === undefined
        ? {}
        : {
            kernel,
            machine: machine.name,
            ...buildEntryField(entry),
            ...buildExplanationJson(loaded.result),
          }),
      ...(loaded?.asItIs === undefined ? {} : { asItIs: buildRefusalJson(loaded.asItIs) }),
      ...(errno === undefined
        ? {}
        : {
            errno: {
              name: errno,
              meanings: findMeanings(errno),
              checks: list,
              otherChecks: listOtherChecks(errno),
            },
          }),
      ...(read === undefined
        ? {}
        : { log: { lines: read.lines, matches: read.matches, omitted: read.omitted } }),
    });
    return;
  }
  printEntry(entry);
  const view = outputView();
  printText(
    joinPrintable(
      [
        ...(loaded === undefined || kernel === undefined ? [] : [formatLoad(kernel, loaded, chosen)]),
        ...(errno === undefined
          ? []
          : [
              formatCandidates(errno, list ?? [], {
                meanings: findMeanings(errno),
                others: listOtherChecks(errno),
                ...view,
              }),
            ]),
        ...(read === undefined
          ? []
          : [
              formatLogMatches(read.matches, {
                name: log ?? '',
                lines: read.lines,
                omitted: read.omitted,
                ...view,
              }),
            ]),
      ],
      '\n\n',
    ),
  );
}

/** Errnos and logs can be explained without a machine: one that cannot be read does not stop that. */
async function findMachineFor(kernel: string | undefined, name: string | undefined): Promise<ChosenMachine> {
  if (kernel !== undefined || name !== undefined) return findOptionMachine(name);
  const chosen = await attemptAsync(() => chooseMachine(undefined));
  if (!(chosen instanceof KexecError)) return chosen;
  return { machine: await findMachine(DEFAULT_PRESET), by: 'default' };
}

/** A load. `asItIs` is the refusal of the system call for the file itself, if that is no Image. */
interface Loaded {
  readonly file: Uint8Array;
  readonly result: KernelFileResult;
  readonly asItIs: KexecError | undefined;
}

async function load(
  kernel: string,
  options: LoadArguments,
  { machine, initrd }: { readonly machine: Machine; readonly initrd: FileInput | undefined },
): Promise<Loaded> {
  const request = await readRequest(kernel, options, machine, initrd);
  const result = await planRequest(request, machine);
  return { file: request.kernel, result, asItIs: findRefusalAsIs(request, machine) };
}

/** User space extracts the kernel from a file; the system call takes only an Image, or a bzImage. */
function findRefusalAsIs(request: LoadRequest, machine: Machine): KexecError | undefined {
  const kind = detectKernelFileKind(request.kernel);
  if (kind === undefined || kind === 'image' || kind === 'bzimage') return undefined;
  const options = { ...request.options, purgatory: false as const };
  const result = kexecFileLoad({ ...request, options, trust: undefined }, machine);
  return 'refusal' in result ? result.refusal : undefined;
}

function formatLoad(kernel: string, { file, result, asItIs }: Loaded, chosen: ChosenMachine): Printable {
  const { image, trail } = result;
  const named = {
    name: basename(nameInput(kernel)),
    identity: identifyKernel({ file, image, trail, hashes: nodeHashes }),
  };
  return formatExplanation(explainTrail(trail), {
    title: `${describeKernel(named)} on ${describePlace(chosen)}`,
    asItIs,
    ...outputView(),
  });
}

/** Diagnoses the machine alone; the kernel is examined by the load. */
function diagnoseMachine(machine: Machine, { panic }: ExplainOptions): Finding[] {
  const about = panic === true ? 'kdump' : 'kexec';
  return diagnose(machine, { panic }).filter(
    (finding) => finding.about === about || finding.about === 'both',
  );
}

/** The security modules that are active; without SELinux if it only logs. */
function listDenyingModules({ kernel }: Machine): readonly string[] | undefined {
  const isPermissive = kernel?.selinuxEnforcing === false;
  return kernel?.securityModules?.filter((module) => module !== 'selinux' || !isPermissive);
}

/** The checks outside of a load that can end in an errno. */
function listOtherChecks(errno: Errno): readonly Check[] {
  const groups = Object.keys(CHECK_GROUPS) as CheckGroup[];
  return findChecksByErrno(
    errno,
    groups.filter((group) => !LOAD_GROUPS.includes(group)),
  );
}

function findMeanings(errno: Errno): Record<string, string | undefined> {
  return { kexec_file_load: FILE_LOAD_ERRNOS[errno], kexec_load: SEGMENT_LOAD_ERRNOS[errno] };
}

/** @param machine - whose boot loader the cures name; undefined if none was given */
async function readLog(path: string, machine: Machine | undefined): Promise<KernelLog> {
  const { readLines } = await import('../../node/files/read-lines.js');
  const log = new KernelLog({ machine });
  for await (const line of readLines(path)) {
    if (log.lines === 0) checkLogIsText(line, path);
    log.read(line);
  }
  return log;
}
