/** The reports of `preflight`: a table, JSON Lines, and a page. Each takes the machines' rows as they come. */
import { Spool } from '../../node/files/spool.js';
import type { WriteOptions } from '../../node/files/write-file.js';
import {
  arrangeChangeTable,
  formatChangeHeading,
  formatChangeRow,
  formatChangeSummary,
} from '../../preflight/compare/change-text.js';
import type { ChangeCounts, FleetRow } from '../../preflight/compare/compare-rows.js';
import { buildComparedRowJson } from '../../preflight/compare/compared-json.js';
import type { PreflightKernel } from '../../preflight/kernel-facts.js';
import {
  formatPageEnd,
  formatPageRow,
  formatPageStart,
  type PreflightPageOptions,
} from '../../preflight/page/page-html.js';
import { buildPreflightRowJson, buildPreflightSummaryJson } from '../../preflight/preflight-json.js';
import {
  arrangePreflightTable,
  formatPreflightHeading,
  formatPreflightRow,
  formatPreflightSummary,
} from '../../preflight/preflight-text.js';
import type { PreflightSummary } from '../../preflight/tally.js';
import { formatMachineCount, type PreflightColumns } from '../../preflight/wording.js';
import type { ViewOptions } from '../../view/text/layout.js';
import { joinPrintable, line, type Printable } from '../../view/text/printable.js';
import { formatReport } from '../terminal/reports.js';
import { writeOutput } from '../terminal/write-output.js';

/** The outcomes of a fleet. */
export interface FleetResult {
  readonly summary: PreflightSummary;
  /** The number of machines for each change; undefined if nothing is compared. */
  readonly changes: ChangeCounts | undefined;
}

/** What is printed on standard output. */
export interface PrintedReport {
  /** The text for a machine; undefined if there is none. */
  row(machine: FleetRow): Printable | undefined;
  end(result: FleetResult): Printable;
}

/** JSON Lines. @param against - what the fleet is compared with, if it is */
export function reportJson(kernel: PreflightKernel, against: string | undefined): PrintedReport {
  return {
    row: (machine) =>
      formatReport(
        'preflight',
        machine.change === undefined && machine.row !== undefined
          ? buildPreflightRowJson(machine.row)
          : buildComparedRowJson(machine),
        'line',
      ),
    end: ({ summary, changes }) => {
      const compared = against === undefined || changes === undefined ? undefined : { against, changes };
      return formatReport('preflight', buildPreflightSummaryJson(kernel, summary, compared), 'line');
    },
  };
}

/** A table of all machines. @param files - of all, in the order of the rows */
export function reportTable(
  files: readonly string[],
  options: PreflightColumns & ViewOptions,
): PrintedReport {
  const { table, names } = arrangePreflightTable(files, options);
  let next = 0;
  return {
    row: ({ row }) => {
      const text = row && formatPreflightRow(row, names[next] as string, table);
      next += 1;
      return next === 1 && text !== undefined
        ? joinPrintable([formatPreflightHeading(table), text], '\n')
        : text;
    },
    end: ({ summary }) => joinPrintable([line``, formatPreflightSummary(summary, table)], '\n'),
  };
}

/**
 * A table of the machines for which something has changed.
 *
 * @param files - of all, in the order of the rows: those that are gone come last
 * @param against - what the fleet is compared with
 */
export function reportChanges(
  files: readonly string[],
  against: string,
  options: ViewOptions,
): PrintedReport {
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

/** The page, which begins with counts that are known last: so its rows wait in a temporary file. */
export class PageReport {
  readonly #path: string;
  readonly #options: PreflightPageOptions;
  readonly #spool: Spool;

  /** @throws KexecError `file-access`, with the system's errno, if nothing can be written beside the path. */
  constructor(path: string, options: PreflightPageOptions) {
    this.#path = path;
    this.#options = options;
    this.#spool = new Spool(path);
  }

  add(machine: FleetRow): void {
    this.#spool.append(formatPageRow(machine, this.#options));
  }

  /** Writes the page, and names it on standard error. */
  async write(result: FleetResult, options: WriteOptions): Promise<void> {
    const machines = formatMachineCount(result.summary.machines);
    await writeOutput(this.#path, this.#bytes(result), options, (size) => `a report on ${machines}, ${size}`);
  }

  close(): void {
    this.#spool.close();
  }

  *#bytes({ summary, changes }: FleetResult): Generator<Uint8Array> {
    const encoder = new TextEncoder();
    yield encoder.encode(formatPageStart(summary, { ...this.#options, changes }));
    yield* this.#spool.bytes();
    yield encoder.encode(formatPageEnd());
  }
}
