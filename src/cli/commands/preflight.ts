import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { Trail } from '../../base/trail.js';
import { requireKernel } from '../../kexec/file-load.js';
import { openKernelFile } from '../../kexec/open-kernel-file.js';
import type { LoadRequest } from '../../kexec/request.js';
import { isPreset, PRESETS } from '../../machine/presets/presets.js';
import { nodeDecompress } from '../../node/codecs/node-decompress.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { readKernel, splitMember } from '../../node/files/member-path.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { readFile } from '../../node/files/read-file.js';
import { Spool } from '../../node/files/spool.js';
import { nameInput } from '../../node/files/standard-input.js';
import { readTrustRequest } from '../../node/plan/plan-files.js';
import { listFleet } from '../../node/preflight/list-fleet.js';
import { preflightFiles } from '../../node/preflight/preflight-files.js';
import { allocateShared } from '../../node/preflight/preflight-job.js';
import {
  formatPageEnd,
  formatPageRow,
  formatPageStart,
  type PreflightPageOptions,
} from '../../preflight/page/page-html.js';
import { buildPreflightRowJson, buildPreflightSummaryJson } from '../../preflight/preflight-json.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import {
  arrangePreflightTable,
  formatPreflightHeading,
  formatPreflightRow,
  formatPreflightSummary,
} from '../../preflight/preflight-text.js';
import { type PreflightSummary, PreflightTally } from '../../preflight/tally.js';
import { POLICIES, type Policy } from '../../trust/policy.js';
import { joinPrintable, line, type Printable } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { wholeNumber } from '../options/option-values.js';
import {
  addForceOption,
  listReport,
  type OutputCliOptions,
  readOutputOptions,
} from '../options/output-options.js';
import { addTrustOptions, readTrustOptions, type TrustCliOptions } from '../options/trust-options.js';
import { outliveReader, printSlowly } from '../terminal/output.js';
import { showProgress } from '../terminal/progress.js';
import { formatReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { writeOutput } from '../terminal/write-output.js';

interface PreflightOptions extends TrustCliOptions, OutputCliOptions {
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly panic?: boolean;
  readonly policy?: Policy;
  readonly json?: boolean;
  readonly html?: string;
  readonly jobs: number;
}

export function buildPreflightCommand(): Command {
  return addForceOption(addTrustOptions(new Command()))
    .argument('<kernel>', 'an arm64 Image, or a file that contains one, as for plan')
    .argument(
      '<machine...>',
      `machine files, folders of them, folders or tars that machine record --from reads, and presets: ${Object.keys(PRESETS).join(', ')}`,
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
    .option(
      '--html <file>',
      'write a self-contained report: it fetches nothing and can be read without scripts',
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

A machine is a preset, a machine file, a folder or tar that "machine record --from" reads, or a folder that contains such files
(*.json, *.tar, *.tar.gz, *.tgz) and folders, however deep; other files in it are ignored. A machine that cannot be read
is a row with the reason, and the others continue.

Exit code 0 if every machine loads the kernel, 1 if one refuses it or cannot be read. Plans as a crash kernel count only
with --panic.`,
        documents: ['docs/preflight.md', 'docs/json.md'],
        examples: `
kexec-file preflight vmlinuz fleet/ --initrd initrd.img
kexec-file preflight vmlinuz fleet/ --html report.html
kexec-file preflight vmlinuz fleet/ --json |
  jq -r 'select(.verdict == "refused") | .machine'`,
      }),
    )
    .action(preflight);
}

async function preflight(kernel: string, machines: string[], options: PreflightOptions): Promise<void> {
  const { html, initrd, cert, keyring, dbx } = options;
  const files = listFleet(machines);
  const inputs = [
    splitMember(kernel).path,
    initrd,
    ...cert,
    ...keyring,
    ...dbx,
    ...files.filter((file) => !isPreset(file)),
  ];
  const outputs = readOutputOptions(options, inputs);
  checkOutputs({ '--html': html, ...listReport(options) }, outputs);
  const request = await readRequest(kernel, options);
  if (html !== undefined) outliveReader();
  const spool = html === undefined ? undefined : new Spool(html);
  try {
    const page = buildPageOptions(kernel, request, options);
    const printed = options.json === true ? printJsonLines(kernel) : printTextLines(files, page);
    const summary = await run(request, files, options, printed, (row) =>
      spool?.append(formatPageRow(row, page)),
    );
    if (html !== undefined && spool !== undefined)
      await writeOutput(html, pageBytes(summary, page, spool), outputs, (size) =>
        describePage(summary, size),
      );
    if (summary.loads < summary.machines) process.exitCode = 1;
  } finally {
    spool?.close();
  }
}

function describePage({ machines }: PreflightSummary, size: string): string {
  return `a report on ${machines === 1 ? '1 machine' : `${machines} machines`}, ${size}`;
}

/** Reads each file once, into memory that threads share. */
async function readRequest(kernel: string, options: PreflightOptions): Promise<LoadRequest> {
  const { bytes, member } = readKernel(kernel, allocateShared);
  const request: LoadRequest = {
    kernel: bytes,
    member,
    initrd: options.initrd === undefined ? undefined : readFile(options.initrd, allocateShared),
    options: { type: options.panic === true ? 'crash' : 'default', commandLine: options.commandLine },
    trust: await readTrustRequest({ trust: readTrustOptions(options), policy: options.policy }),
  };
  const opened = await openKernelFile(
    request,
    { decompress: nodeDecompress, hashes: nodeHashes },
    new Trail(),
  );
  // One refusal, in place of one for each machine.
  requireKernel(opened.kernel);
  return opened;
}

/** The parts of standard output. */
interface Printed {
  readonly start: readonly Printable[];
  readonly row: (row: PreflightRow) => Printable;
  readonly end: (summary: PreflightSummary) => Printable;
}

async function run(
  request: LoadRequest,
  files: readonly string[],
  { jobs }: PreflightOptions,
  printed: Printed,
  onRow: (row: PreflightRow) => void,
): Promise<PreflightSummary> {
  const tally = new PreflightTally();
  // On a terminal the rows themselves show the progress.
  const progress = process.stdout.isTTY === true ? undefined : showProgress(files.length, 'machines');
  try {
    for (const heading of printed.start) await printSlowly(heading);
    for await (const row of preflightFiles(request, files, jobs)) {
      tally.add(row);
      onRow(row);
      await printSlowly(printed.row(row));
      progress?.step();
    }
  } finally {
    progress?.stop();
  }
  const summary = tally.summary();
  await printSlowly(printed.end(summary));
  return summary;
}

function printJsonLines(kernel: string): Printed {
  return {
    start: [],
    row: (row) => formatReport('preflight', buildPreflightRowJson(row), 'line'),
    end: (summary) => formatReport('preflight', buildPreflightSummaryJson(kernel, summary), 'line'),
  };
}

function printTextLines(files: readonly string[], { hasInitrd, isCrash }: PreflightPageOptions): Printed {
  const { table, names } = arrangePreflightTable(files, { hasInitrd, isCrash, ...outputView() });
  let next = 0;
  return {
    start: [formatPreflightHeading(table)],
    // The rows come in the order of the files.
    row: (row) => formatPreflightRow(row, names[next++] as string, table),
    end: (summary) => joinPrintable([line``, formatPreflightSummary(summary, table)], '\n'),
  };
}

function buildPageOptions(
  kernel: string,
  { initrd, options, trust }: LoadRequest,
  { initrd: initrdFile, panic }: PreflightOptions,
): PreflightPageOptions {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Kernel', kernel],
    ['Initrd', initrdFile ?? (initrd && "the kernel file's own")],
    ['Command line', options?.commandLine],
    ['Loaded', panic === true ? 'as a crash kernel' : undefined],
    ['Signatures', trust?.policy],
  ];
  return {
    kernel: basename(nameInput(kernel)),
    facts: facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])),
    hasInitrd: initrd !== undefined,
    isCrash: panic === true,
  };
}

function* pageBytes(
  summary: PreflightSummary,
  options: PreflightPageOptions,
  spool: Spool,
): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(formatPageStart(summary, options));
  yield* spool.bytes();
  yield encoder.encode(formatPageEnd());
}
