import type { JSX } from 'preact';
import { useId, useMemo } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { buildPage, listPageOptions } from '../../src/preflight/page/page-document.js';
import { buildPreflightSummaryJson } from '../../src/preflight/preflight-json.js';
import type { Cause, PreflightSummary } from '../../src/preflight/tally.js';
import {
  describeCrashLoads,
  describeLostDumps,
  formatCause,
  formatCount,
  formatMachineCount,
  listFleetParts,
} from '../../src/preflight/wording.js';
import { VERSION_ID } from '../../src/view/inspector-page/inspector-page.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import type { PlannedMachine, PreflightRequest } from '../jobs/fleet-job.js';
import { formatReportLine } from '../jobs/report-line.js';
import { FactsTable } from './facts-tree.js';
import { FailureNotice } from './failure-notice.js';
import type { FilesByRole } from './file-roles.js';
import { FleetTable } from './fleet-table.js';
import { JobStatus } from './job-status.js';
import { formatLink } from './link-options.js';
import { useLoadFields } from './load-fields.js';
import { type OfferedFile, TakeAlong } from './take-along.js';
import { type Fleet, useFleet } from './use-fleet.js';

interface PreflightSectionProps {
  readonly title: string;
  readonly kernel: ChosenFile;
  readonly files: FilesByRole;
}

/** A command names each machine up to this number, and the folder of more. */
const MAX_NAMED = 8;

/** A kernel on many machines: which of them load it, and why the others do not. */
export function PreflightSection({ title, kernel, files }: PreflightSectionProps): JSX.Element {
  const { chosen, elements, formatWords, link } = useLoadFields(files);
  const given: PreflightRequest = { ...chosen, kernel };
  const request = useMemo(() => given, Object.values(given));
  const machines = useMemo(() => [...files.machine, ...files.fleet], [files.machine, files.fleet]);
  const fleet = useFleet(request, machines);
  const heading = useId();
  const named = useMemo(() => nameFleet(machines), [machines]);
  const done = fleet.machines.length;
  const isBusy = !fleet.isComplete && fleet.failure === undefined;
  // How many machines are in a file is known at its end.
  const total = files.fleet.length > 0 ? '' : ` of ${formatMachineCount(machines.length)}`;
  const step = `planned on ${total === '' ? formatMachineCount(done) : formatCount(done)}${total}`;
  return (
    <section class="view" aria-labelledby={heading} aria-busy={isBusy}>
      <header>
        <h2 id={heading}>{escapeField(title)}</h2>
      </header>
      <div class="options">{elements}</div>
      {isBusy && (
        <JobStatus title={title} progress={{ step, fraction: fleet.fraction }} onCancel={fleet.cancel} />
      )}
      {fleet.failure !== undefined && (
        <FailureNotice title={title} failure={fleet.failure} onRepeat={fleet.repeat} />
      )}
      {done > 0 && (
        <>
          <Summary summary={fleet.summary} />
          <FleetTable title={title} machines={fleet.machines} isCrash={request.type === 'crash'} />
        </>
      )}
      <TakeAlong
        commands={[['preflight', kernel.name, ...named, ...formatWords([])]]}
        report={undefined}
        files={
          fleet.kernel === undefined || isBusy
            ? []
            : [
                offerReport(fleet.machines, fleet.summary, fleet.kernel),
                offerPage(fleet, fleet.kernel, request),
              ]
        }
        link={formatLink(link)}
      />
    </section>
  );
}

/** What the command is given: the machines, or the folders around them. */
function nameFleet(machines: readonly ChosenItem[]): string[] {
  const paths = machines.map(({ path, name }) => path ?? name);
  if (paths.length <= MAX_NAMED) return paths;
  return [...new Set(paths.map((path) => (path.includes('/') ? `${path.split('/')[0]}/` : './')))];
}

/** What `preflight --json` prints: a line for each machine, and the summary. */
function offerReport(
  machines: readonly PlannedMachine[],
  summary: PreflightSummary,
  kernel: PreflightKernel,
): OfferedFile {
  return {
    label: 'Save as JSON lines',
    name: 'preflight.jsonl',
    type: 'application/jsonl',
    get text() {
      const last = formatReportLine('preflight', buildPreflightSummaryJson(kernel, summary));
      return `${[...machines.map(({ line }) => line), last].join('\n')}\n`;
    },
  };
}

/** What `preflight --html` writes. */
function offerPage(fleet: Fleet, kernel: PreflightKernel, request: PreflightRequest): OfferedFile {
  return {
    label: 'Save as HTML',
    name: 'preflight.html',
    type: 'text/html',
    get text() {
      const page = buildPage(
        listPageOptions({
          kernel,
          title: kernel.file,
          initrd: request.initrd?.name ?? (fleet.hasInitrd ? "the kernel file's own" : undefined),
          commandLine: request.commandLine,
          hasInitrd: fleet.hasInitrd,
          isCrash: request.type === 'crash',
          version: document.getElementById(VERSION_ID)?.textContent ?? '',
        }),
      );
      const rows = fleet.machines.map(({ row }) => page.row({ row }));
      const result = { summary: fleet.summary, changes: undefined };
      return [page.start(result), ...rows, page.end(result)].join('');
    },
  };
}

function Summary({ summary }: { readonly summary: PreflightSummary }): JSX.Element {
  const counts = listFleetParts(summary)
    .filter(({ verdict, count }) => verdict !== 'unreadable' || count > 0)
    .map(({ count, label }) => `${formatCount(count)} ${label}`);
  const notes = [describeCrashLoads(summary), describeLostDumps(summary)].filter(
    (note) => note !== undefined,
  );
  const isGood = summary.loads === summary.machines;
  return (
    <>
      <p class={isGood ? 'outcome' : 'outcome refused'}>
        {formatMachineCount(summary.machines)}:{' '}
        {[counts.join(', '), ...notes].map((text) => escapeField(text)).join('; ')}.
      </p>
      <Causes title="Why not" causes={summary.causes} />
      <Causes title="Why not as a crash kernel" causes={summary.crash.causes} />
    </>
  );
}

function Causes({ title, causes }: { readonly title: string; readonly causes: readonly Cause[] }) {
  if (causes.length === 0) return null;
  const rows = causes.map((cause) => ({
    machines: cause.count,
    cause: formatCause(cause),
    rule: cause.rule,
    cure: cause.cure,
  }));
  return (
    <section>
      <h2>{title}</h2>
      <FactsTable rows={rows} shown={undefined} />
    </section>
  );
}
