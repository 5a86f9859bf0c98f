/**
 * The reports of `preflight`: a table, JSON Lines, a page, and the formats of pipelines. Each takes the machines' rows as
 * they come.
 */
import { buildReportHeader } from '../../base/report-header.js';
import { Spool } from '../../node/files/spool.js';
import type { WriteOptions } from '../../node/files/write-file.js';
import type { Shard } from '../../node/preflight/plan-fleet.js';
import {
  arrangeChangeTable,
  formatChangeHeading,
  formatChangeRow,
  formatChangeSummary,
} from '../../preflight/compare/change-text.js';
import type { FleetRow } from '../../preflight/compare/compare-rows.js';
import { buildComparedRowJson } from '../../preflight/compare/compared-json.js';
import type { FleetDocument, FleetResult, StreamedDocument } from '../../preflight/formats/fleet-document.js';
import { buildPreflightCsv } from '../../preflight/formats/preflight-csv.js';
import { buildPreflightJunit } from '../../preflight/formats/preflight-junit.js';
import { buildPreflightSarif } from '../../preflight/formats/preflight-sarif.js';
import type { PreflightKernel } from '../../preflight/kernel-facts.js';
import { arrangeName } from '../../preflight/name-column.js';
import { buildPreflightRowJson, buildPreflightSummaryJson } from '../../preflight/preflight-json.js';
import type { Outcome, PreflightRow } from '../../preflight/preflight-machine.js';
import {
  arrangePreflightTable,
  formatPreflightHeading,
  formatPreflightRow,
  formatPreflightSummary,
} from '../../preflight/preflight-text.js';
import { OutcomeGroups } from '../../preflight/shapes/outcome-groups.js';
import { formatMachineCount, type PreflightColumns } from '../../preflight/wording.js';
import { formatJson } from '../../view/json/format-json.js';
import type { ViewOptions } from '../../view/text/layout.js';
import { dropLastBreak, joinPrintable, line, type Printable, takePart } from '../../view/text/printable.js';
import { formatReport } from '../terminal/reports.js';
import { writeOutput } from '../terminal/write-output.js';

/** What is printed on standard output. */
export interface PrintedReport {
  /** The text for a machine; undefined if there is none. */
  row(machine: FleetRow): Printable | undefined;
  /** The text after the last machine; undefined if there is none. */
  end(result: FleetResult): Printable | undefined;
}

/**
 * JSON Lines.
 *
 * @param against - what the fleet is compared with, if it is
 * @param shard - the part of the fleet, if it is one
 */
export function reportJson(
  kernel: PreflightKernel,
  against: string | undefined,
  shard: Shard | undefined,
): PrintedReport {
  const formatShapeRow = createRowFormatter();
  return {
    row: (machine) =>
      machine.change === undefined && machine.row !== undefined
        ? formatShapeRow(machine.row)
        : formatReport('preflight', buildComparedRowJson(machine), 'line'),
    end: ({ summary, changes }) => {
      const compared = against === undefined || changes === undefined ? undefined : { against, changes };
      const part = shard && { shard: `${shard.index}/${shard.count}` };
      const last = buildPreflightSummaryJson(kernel, summary, { ...compared, ...part });
      return formatReport('preflight', last, 'line');
    },
  };
}

/**
 * A table of all machines.
 *
 * @param files - of all, in the order of the rows; undefined if they are known only as they come
 */
export function reportTable(
  files: readonly string[] | undefined,
  options: PreflightColumns & ViewOptions,
): PrintedReport {
  const { table, names } = arrangePreflightTable(files ?? [UNKNOWN_FILE], options);
  let next = 0;
  return {
    row: ({ row }) => {
      const name = files === undefined ? arrangeName(row?.file ?? '', table) : (names[next] as string);
      const text = row && formatPreflightRow(row, name, table);
      next += 1;
      return next === 1 && text !== undefined
        ? joinPrintable([formatPreflightHeading(table), text], '\n')
        : text;
    },
    end: ({ summary }) => joinPrintable([line``, formatPreflightSummary(summary, table)], '\n'),
  };
}

/** The end of the text of a row, and what it depends on besides the outcome. */
interface RowEnd {
  readonly crash: Outcome | undefined;
  readonly noDump: string | undefined;
  readonly text: Printable;
}

/** Formats rows; what rows of one shape have in common, all but file and name, once. */
function createRowFormatter(): (row: PreflightRow) => Printable {
  const ends = new WeakMap<Outcome, RowEnd>();
  return (row) => {
    if (row.outcome === undefined) return formatReport('preflight', buildPreflightRowJson(row), 'line');
    const { file, machine, outcome, crash, noDump } = row;
    const start = takePart(formatJson({ ...buildReportHeader('preflight'), file, machine }, 'line'), 0, -1);
    const known = ends.get(outcome);
    // Outcomes whose texts have the name are other values for each machine.
    if (known !== undefined && known.crash === crash && known.noDump === noDump)
      return joinPrintable([start, known.text], '');
    const whole = formatReport('preflight', buildPreflightRowJson(row), 'line');
    if (whole.startsWith(start)) ends.set(outcome, { crash, noDump, text: takePart(whole, start.length) });
    return whole;
  };
}

/** Stands for the files of machines that are not known yet, for the width of their names. */
const UNKNOWN_FILE = 'x'.repeat(24);

/**
 * A table of the machines for which something has changed.
 *
 * @param files - of all, in the order of the rows: those that are gone come last; undefined if they are known only as
 *   they come: then the table has a row for each group of machines with the same change
 * @param against - what the fleet is compared with
 */
export function reportChanges(
  files: readonly string[] | undefined,
  against: string,
  options: ViewOptions,
): PrintedReport {
  if (files === undefined) return reportChangeGroups(against, options);
  const { table, names } = arrangeChangeTable(files, options);
  let next = 0;
  let printed = 0;
  return {
    row: (machine) => {
      const name = names[next++] as string;
      if (machine.change === 'unchanged') return undefined;
      const text = formatChangeRow(machine, name, table);
      printed += 1;
      return printed === 1 ? joinPrintable([formatChangeHeading(table), text], '\n') : text;
    },
    end: ({ summary, changes }) => {
      const counts = changes === undefined ? [] : [formatChangeSummary(changes, against, table)];
      const texts = [...counts, formatPreflightSummary(summary, table)];
      return joinPrintable(printed === 0 ? texts : [line``, ...texts], '\n');
    },
  };
}

/** Rows of groups that are printed at most; the page and the JSON have more. */
const MAX_GROUP_ROWS = 100;

/** A table of what has changed in a fleet whose machines are known only as they come: one row for each outcome. */
function reportChangeGroups(against: string, options: ViewOptions): PrintedReport {
  const { table } = arrangeChangeTable([UNKNOWN_FILE], options);
  const changed = new OutcomeGroups();
  return {
    row: (machine) => {
      if (machine.change !== 'unchanged') changed.add(machine);
      return undefined;
    },
    end: ({ summary, changes }) => {
      const { groups, others } = changed.list();
      const rows = groups.slice(0, MAX_GROUP_ROWS).map(({ example, count }) => {
        const file = (example.row ?? example.before)?.file ?? '';
        const name = arrangeName(file, table, count === 1 ? '' : `${count} like `);
        return formatChangeRow(example, name, table);
      });
      const unshown = groups.slice(MAX_GROUP_ROWS).reduce((sum, { count }) => sum + count, others);
      const rest = unshown === 0 ? [] : [line`… and ${formatMachineCount(unshown)} with other changes`];
      const texts = rows.length === 0 ? [] : [formatChangeHeading(table), ...rows, ...rest, line``];
      const counts = changes === undefined ? [] : [formatChangeSummary(changes, against, table)];
      return joinPrintable([...texts, ...counts, formatPreflightSummary(summary, table)], '\n');
    },
  };
}

/** The formats of `--format`, for other programs than ours. */
export const FLEET_FORMATS = ['sarif', 'junit', 'csv'] as const;
export type FleetFormat = (typeof FLEET_FORMATS)[number];

/** A format's report: one that is printed as it grows, or one that begins with counts. */
export type FleetReport =
  | { readonly streamed: StreamedDocument }
  | { readonly streamed?: undefined; readonly whole: FleetDocument };

/** @param started - when the command was started */
export function buildFormat(
  format: FleetFormat,
  { kernel, version, started }: { kernel: PreflightKernel; version: string; started: Date },
): FleetReport {
  if (format === 'junit') return { whole: buildPreflightJunit(kernel, version, started) };
  return { streamed: format === 'csv' ? buildPreflightCsv() : buildPreflightSarif(kernel, version) };
}

/** Prints a document row by row. */
export function reportStreamed(document: StreamedDocument): PrintedReport {
  let isStarted = false;
  const begin = (): Printable[] => {
    const parts = isStarted ? [] : [document.start()];
    isStarted = true;
    return parts;
  };
  return {
    row: (machine) => endLine([...begin(), document.row(machine)]),
    end: () => endLine([...begin(), document.end()]),
  };
}

/** Prints nothing: the report is written when it is complete. */
export const PRINT_NOTHING: PrintedReport = { row: () => undefined, end: () => undefined };

/** Joins parts, each of whole lines or empty, for a printer that ends the last line itself. */
function endLine(parts: readonly Printable[]): Printable | undefined {
  const text = joinPrintable(parts, '');
  return text === '' ? undefined : dropLastBreak(text);
}

/** A report in a file. It may begin with counts, which are known last: so its rows wait in a temporary file. */
export class FileReport {
  readonly #path: string;
  readonly #document: FleetDocument;
  readonly #spool: Spool;

  /** @throws KexecError `file-access`, with the system's errno, if nothing can be written beside the path. */
  constructor(path: string, document: FleetDocument) {
    this.#path = path;
    this.#document = document;
    this.#spool = new Spool(path);
  }

  add(machine: FleetRow): void {
    this.#spool.append(this.#document.row(machine));
  }

  /** Writes the report, and names it on standard error. */
  async write(result: FleetResult, options: WriteOptions): Promise<void> {
    const machines = formatMachineCount(result.summary.machines);
    await writeOutput(this.#path, this.#bytes(result), options, (size) => `a report on ${machines}, ${size}`);
  }

  close(): void {
    this.#spool.close();
  }

  *#bytes(result: FleetResult): Generator<Uint8Array> {
    const encoder = new TextEncoder();
    yield encoder.encode(this.#document.start(result));
    yield* this.#spool.bytes();
    yield encoder.encode(this.#document.end(result));
  }
}
