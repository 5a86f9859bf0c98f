import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { attemptAsync, KexecError, refuse } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import { requireKernel } from '../../kexec/file-load.js';
import { openKernelFile } from '../../kexec/open-kernel-file.js';
import type { LoadRequest } from '../../kexec/request.js';
import { isPreset, PRESETS } from '../../machine/presets/presets.js';
import { nodeDecompress } from '../../node/codecs/node-decompress.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { type KernelInput, readKernel, splitMember } from '../../node/files/member-path.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { readFile } from '../../node/files/read-file.js';
import { nameInput } from '../../node/files/standard-input.js';
import { readTrustRequest } from '../../node/plan/plan-files.js';
import { type Against, compareFleet } from '../../node/preflight/compare-fleet.js';
import { findStreams, listFleet } from '../../node/preflight/list-fleet.js';
import type { FleetPlan, Shard } from '../../node/preflight/plan-fleet.js';
import { allocateShared } from '../../node/preflight/preflight-job.js';
import { isReport, readReport } from '../../node/preflight/read-report.js';
import { ChangeTally, type FleetRow } from '../../preflight/compare/compare-rows.js';
import { matchComingMachines, matchKnownMachines } from '../../preflight/compare/match-machines.js';
import type { FleetDocument, FleetResult } from '../../preflight/formats/fleet-document.js';
import { describeKernel, type PreflightKernel } from '../../preflight/kernel-facts.js';
import { buildPage, listPageOptions } from '../../preflight/page/page-document.js';
import type { PreflightPageOptions } from '../../preflight/page/page-html.js';
import { verifyOnce } from '../../preflight/preflight-row.js';
import { PreflightTally } from '../../preflight/tally.js';
import type { PreflightColumns } from '../../preflight/wording.js';
import { POLICIES, type Policy } from '../../trust/policy.js';
import { explainUsage } from '../help/explain-usage.js';
import { parseShard, wholeNumber } from '../options/option-values.js';
import {
  addForceOption,
  listReport,
  type OutputCliOptions,
  readOutputOptions,
} from '../options/output-options.js';
import { addTrustOptions, readTrustOptions, type TrustCliOptions } from '../options/trust-options.js';
import { LinePrinter, outliveReader, printSlowly } from '../terminal/output.js';
import { showProgress } from '../terminal/progress.js';
import { outputView } from '../terminal/screen.js';
import { packageVersion } from '../terminal/version.js';
import { buildPreflightMergeCommand } from './preflight-merge.js';
import {
  buildFormat,
  FileReport,
  FLEET_FORMATS,
  type FleetFormat,
  type FleetReport,
  PRINT_NOTHING,
  type PrintedReport,
  reportChanges,
  reportJson,
  reportStreamed,
  reportTable,
} from './preflight-reports.js';

interface PreflightOptions extends TrustCliOptions, OutputCliOptions {
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly panic?: boolean;
  readonly policy?: Policy;
  readonly json?: boolean;
  readonly format?: FleetFormat;
  readonly output?: string;
  readonly html?: string;
  readonly against?: string;
  readonly cache?: string;
  readonly shard?: Shard;
  readonly jobs: number;
}

/** The name of standard output. */
const STANDARD_OUTPUT = '-';

export function buildPreflightCommand(): Command {
  return addForceOption(addTrustOptions(new Command()))
    .addCommand(buildPreflightMergeCommand())
    .argument('<kernel>', 'an Image (arm64) or a bzImage (x86_64), or a file that contains one, as for plan')
    .argument(
      '<machine...>',
      `machine files, folders of them, folders or tars that machine record --from reads, fleet files, and presets: ${Object.keys(PRESETS).join(', ')}`,
    )
    .option('--initrd <file>', "the next kernel's initial RAM disk (default: that of a UKI or FIT)")
    .option('--command-line <text>', "the next kernel's command line (default: that of a UKI, else none)")
    .option('--panic', 'plan it only as a crash kernel')
    .addOption(
      new Option(
        '--policy <policy>',
        'effect of a signature (default: enforce if --cert or --keyring is given)',
      ).choices(POLICIES),
    )
    .option('--json', 'print one JSON object a line for each machine, and a summary on the last line')
    .addOption(
      new Option(
        '--format <format>',
        'print the report in a format of other programs: SARIF 2.1.0, JUnit XML, CSV',
      )
        .choices(FLEET_FORMATS)
        .conflicts('json'),
    )
    .option('-o, --output <file>', 'write the report of --format into this file, and print the table')
    .option(
      '--html <file>',
      'write a self-contained report: it fetches nothing and can be read without scripts',
    )
    .option(
      '--against <file>',
      'compare with another kernel, or with what preflight --json printed earlier, and print what changes',
    )
    .option('--cache <folder>', 'keep the outcomes of shapes of machines for later runs of the same load')
    .addOption(
      new Option(
        '--shard <k/n>',
        'plan on a part of the machines: each n-th from the k-th on; preflight merge joins the reports',
      ).argParser(parseShard),
    )
    .addOption(
      new Option('-j, --jobs <number>', 'number of threads')
        .argParser(wholeNumber(1, 999))
        .default(availableParallelism(), 'number of CPUs'),
    )
    .addHelpText(
      'after',
      explainUsage({
        about: `
Plans the kernel on every machine, as "plan" does, and prints whether it loads, where it lands, or why it does not. If a
machine has a crash region, the same kernel is planned as a crash kernel, too.

A machine is a preset, a machine file, a folder or tar that "machine record --from" reads, or a folder that contains
such files (*.json, *.tar, *.tar.gz, *.tgz, *.ndjson, *.ndjson.gz, *.ndjson.zst) and folders, however deep; other files
in it are ignored. Fleet files (of "machine pack"), JSON Lines of machine files, tars of machines, and - are read
machine by machine. A machine that cannot be read is a row with the reason, and the others continue.

Exit code 0 if every machine loads the kernel, 1 if one refuses it or cannot be read. Plans as a crash kernel count only
with --panic.

--format sarif has a result for each refusal, --format junit a test for each machine, --format csv a row for each. With
-o, the table is printed, too. Exit codes are the same.

--against prints the machines for which something changes, with their verdicts before and now. Exit code 1 then says
that a machine that loaded the other kernel, or loaded it in the earlier report, no longer loads; other refusals do not
count.`,
        documents: ['docs/preflight.md', 'docs/fleet-file.md', 'docs/pipelines.md', 'docs/json.md'],
        examples: `
kexec-file preflight vmlinuz fleet/ --initrd initrd.img
kexec-file preflight vmlinuz fleet/ --html report.html
kexec-file preflight vmlinuz fleet/ --format junit -o report.xml
kexec-file preflight vmlinuz-new fleet/ --against vmlinuz-old
kexec-file preflight vmlinuz fleet/ --json |
  jq -r 'select(.verdict == "refused") | .machine'`,
      }),
    )
    .action(preflight);
}

async function preflight(
  kernel: string,
  machines: string[],
  options: PreflightOptions,
  command: Command,
): Promise<void> {
  const started = new Date();
  const { html, against, format, output } = options;
  if (output !== undefined && format === undefined)
    command.error('error: --output is the file of --format; give both', { exitCode: 2 });
  const files = listFleet(machines);
  const streams = await findStreams(machines, files);
  const outputs = readOutputOptions(options, listInputs(kernel, files, options));
  checkOutputs({ '--html': html, '--output': output, ...listReport(options) }, outputs);
  const input = readKernel(kernel, allocateShared);
  const shared = await readShared(options);
  const request = await openRequest(input, shared);
  const compared = against === undefined ? undefined : await readAgainst(against, { files, streams }, shared);
  if (options.shard !== undefined && compared !== undefined && 'earlier' in compared)
    command.error(
      'error: --shard: an earlier report is of the whole fleet; merge the shards without --against',
      {
        exitCode: 2,
      },
    );
  if (html !== undefined || output !== undefined) outliveReader();
  const facts: PreflightKernel = {
    file: kernel,
    sha256: createHash('sha256').update(input.bytes).digest('hex'),
    ...describeKernel(request, nodeHashes),
  };
  const columns = { hasInitrd: request.initrd !== undefined, isCrash: options.panic === true };
  const report = format && buildFormat(format, { kernel: facts, version: packageVersion(), started });
  const written: FileReport[] = [];
  try {
    if (html !== undefined)
      written.push(new FileReport(html, buildPage(listOptions(facts, columns, options, request))));
    const inFile = report && findFile(report, output);
    if (inFile !== undefined) written.push(new FileReport(inFile.path, inFile.document));
    const printed =
      report === undefined || output !== undefined
        ? chooseReport(streams.size > 0 ? undefined : files, compared, facts, { ...options, ...columns })
        : report.streamed === undefined
          ? PRINT_NOTHING
          : reportStreamed(report.streamed);
    const rows = compareFleet(request, compared, {
      files,
      streams,
      threads: options.jobs,
      shard: options.shard,
      cache: options.cache === undefined ? undefined : { folder: options.cache, version: packageVersion() },
    });
    const total = streams.size > 0 ? undefined : files.length;
    const result = await printFleet(rows, printed, { total, written, isCompared: against !== undefined });
    for (const file of written) await file.write(result, outputs);
    if (isRefused(result)) process.exitCode = 1;
  } finally {
    for (const file of written) file.close();
  }
}

/** The file that a report in a format goes to; undefined if it is printed as it grows. */
function findFile(
  report: FleetReport,
  output: string | undefined,
): { readonly path: string; readonly document: FleetDocument } | undefined {
  if (report.streamed === undefined) return { path: output ?? STANDARD_OUTPUT, document: report.whole };
  return output === undefined ? undefined : { path: output, document: report.streamed };
}

/** The files that no output replaces. */
function listInputs(
  kernel: string,
  files: readonly string[],
  { initrd, cert, keyring, dbx, against }: PreflightOptions,
): (string | undefined)[] {
  const kernels = [kernel, against].map((path) => path && splitMember(path).path);
  return [...kernels, initrd, ...cert, ...keyring, ...dbx, ...files.filter((file) => !isPreset(file))];
}

/** Compared, a fleet may have machines that refused the kernel before, too. */
function isRefused({ summary, changes }: FleetResult): boolean {
  return changes === undefined ? summary.loads < summary.machines : changes.stopped > 0;
}

/** Reads the files of a request other than its kernel, each once, into memory that threads share. */
async function readShared(options: PreflightOptions): Promise<Omit<LoadRequest, 'kernel' | 'member'>> {
  return {
    initrd: options.initrd === undefined ? undefined : readFile(options.initrd, allocateShared),
    options: { type: options.panic === true ? 'crash' : 'default', commandLine: options.commandLine },
    trust: await readTrustRequest({ trust: readTrustOptions(options), policy: options.policy }),
  };
}

async function openRequest(
  { bytes, member }: KernelInput,
  shared: Omit<LoadRequest, 'kernel' | 'member'>,
): Promise<LoadRequest> {
  const opening = { decompress: nodeDecompress, hashes: nodeHashes };
  const opened = await openKernelFile({ ...shared, kernel: bytes, member }, opening, new Trail());
  // One refusal, in place of one for each machine.
  requireKernel(opened.kernel);
  return verifyOnce(opened);
}

/** Reads what the fleet is compared with: an earlier report, or another kernel for the same load. */
async function readAgainst(
  path: string,
  { files, streams }: Pick<FleetPlan, 'files' | 'streams'>,
  shared: Omit<LoadRequest, 'kernel' | 'member'>,
): Promise<Against> {
  const input = readKernel(path, allocateShared);
  const read = await attemptAsync(async (): Promise<Against> => {
    if (!isReport(input.bytes)) return { request: await openRequest(input, shared) };
    const { rows, isCrash } = readReport(input.bytes);
    if (isCrash !== undefined && isCrash !== (shared.options?.type === 'crash'))
      refuse(
        'preflight-report',
        'EINVAL',
        `the report was made ${isCrash ? 'with --panic, and this run is without it' : 'without --panic, and this run is with it'}`,
      );
    return { earlier: streams.size > 0 ? matchComingMachines(rows) : matchKnownMachines(files, rows) };
  });
  if (read instanceof KexecError) throw read.with(`--against ${path}: ${read.seen}`);
  return read;
}

/** @param files - of all machines; undefined if they are known only as they come */
function chooseReport(
  files: readonly string[] | undefined,
  compared: Against | undefined,
  kernel: PreflightKernel,
  {
    json,
    against,
    shard,
    ...columns
  }: Pick<PreflightOptions, 'json' | 'against' | 'shard'> & PreflightColumns,
): PrintedReport {
  if (json === true) return reportJson(kernel, against, shard);
  if (compared === undefined || against === undefined)
    return reportTable(files, { ...columns, ...outputView() });
  const gone = 'earlier' in compared && files ? compared.earlier.listRest().map(({ file }) => file) : [];
  return reportChanges(files && [...files, ...gone], nameInput(against), outputView());
}

interface Printing {
  /** Number of machines in the fleet; undefined if it is not known before. */
  readonly total: number | undefined;
  /** Reports that are written at the end. */
  readonly written: readonly FileReport[];
  readonly isCompared: boolean;
}

async function printFleet(
  rows: AsyncIterable<FleetRow>,
  printed: PrintedReport,
  { total, written, isCompared }: Printing,
): Promise<FleetResult> {
  const tally = new PreflightTally();
  const changes = new ChangeTally();
  // On a terminal the rows themselves show the progress, unless most have no text.
  const showsRows = process.stdout.isTTY === true && !isCompared && printed !== PRINT_NOTHING;
  const progress = showsRows || total === undefined ? undefined : showProgress(total, 'machines');
  const printer = new LinePrinter();
  try {
    for await (const machine of rows) {
      if (machine.row !== undefined) tally.add(machine.row);
      if (machine.change !== undefined) changes.add(machine.change);
      for (const file of written) file.add(machine);
      const text = printed.row(machine);
      if (text !== undefined) {
        if (process.stdout.isTTY === true) progress?.hide();
        await printer.print(text);
      }
      progress?.step();
    }
  } finally {
    progress?.stop();
    await printer.flush();
  }
  const result = { summary: tally.summary(), changes: isCompared ? changes.counts() : undefined };
  const end = printed.end(result);
  if (end !== undefined) await printSlowly(end);
  return result;
}

function listOptions(
  kernel: PreflightKernel,
  columns: PreflightColumns,
  { initrd: initrdFile, against }: PreflightOptions,
  { initrd, options }: LoadRequest,
): PreflightPageOptions {
  const file = nameInput(kernel.file);
  return listPageOptions({
    ...columns,
    kernel: { ...kernel, file },
    title: basename(file),
    initrd: initrdFile ?? (initrd && "the kernel file's own"),
    commandLine: options?.commandLine,
    against: against && nameInput(against),
    version: packageVersion(),
  });
}
