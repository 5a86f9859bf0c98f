import { CHECKS } from '../../base/checks.js';
import { hex } from '../../base/u64.js';
import { formatCsvRow } from '../../view/csv/csv-row.js';
import type { FleetRow } from '../compare/compare-rows.js';
import type { Outcome, Refusal } from '../preflight-machine.js';
import { formatAddress } from '../wording.js';
import type { StreamedDocument } from './fleet-document.js';

/** The columns. Others may be added behind them. */
export const CSV_COLUMNS = [
  'file',
  'machine',
  'verdict',
  'errno',
  'check',
  'detail',
  'rule',
  'cure',
  'entry',
  'kernel',
  'initrd',
  'dtb',
  'ram_bytes',
  'page_size',
  'crash_region_start',
  'crash_region_end',
  'crash_verdict',
  'crash_errno',
  'crash_check',
  'crash_detail',
  'change',
  'verdict_before',
] as const;

type CsvRow = Partial<Record<(typeof CSV_COLUMNS)[number], string | undefined>>;

/** A CSV file: a heading, and a row for each machine. */
export function buildPreflightCsv(): StreamedDocument {
  return {
    start: () => formatCsvRow(CSV_COLUMNS),
    row: (machine) => {
      const cells: CsvRow = buildCells(machine);
      return formatCsvRow(CSV_COLUMNS.map((column) => cells[column]));
    },
    end: () => '' as ReturnType<StreamedDocument['end']>,
  };
}

function buildCells({ row, before, change }: FleetRow): CsvRow {
  const compared = { change, verdict_before: before && (before.outcome?.verdict ?? 'unreadable') };
  if (row === undefined) return { file: before?.file, ...compared };
  if (row.outcome === undefined)
    return { file: row.file, verdict: 'unreadable', ...buildRefusal(row.unreadable), ...compared };
  const { file, machine, outcome, crash, crashRegion } = row;
  const crashRefusal = crash?.verdict === 'refused' ? crash.refusal : undefined;
  return {
    ...{ file, machine, ...buildOutcome(outcome) },
    ram_bytes: row.ram.toString(),
    page_size: String(row.pageSize),
    crash_region_start: crashRegion && hex(crashRegion.start),
    crash_region_end: crashRegion && hex(crashRegion.end),
    crash_verdict: crash?.verdict,
    crash_errno: crashRefusal?.errno,
    crash_check: crashRefusal?.check,
    crash_detail: crashRefusal?.detail,
    ...compared,
  };
}

function buildOutcome(outcome: Outcome): CsvRow {
  const { verdict } = outcome;
  if (outcome.verdict === 'refused') return { verdict, ...buildRefusal(outcome.refusal) };
  return {
    verdict,
    entry: hex(outcome.entry),
    kernel: formatAddress(outcome, 'kernel'),
    initrd: formatAddress(outcome, 'initrd'),
    dtb: formatAddress(outcome, 'dtb'),
  };
}

function buildRefusal({ errno, check, detail, cure }: Refusal): CsvRow {
  return { errno, check, detail, rule: CHECKS[check].rule, cure: cure ?? CHECKS[check].cure };
}
