/**
 * What `--json` prints: one object, whatever happens, or one a line. A command prints its report; for what ends the
 * command before it has one, `main.ts` prints the object.
 */
import type { Command } from 'commander';
import { KexecError } from '../../base/error.js';
import { buildReportHeader } from '../../base/report-header.js';
import { formatJson } from '../../view/json/format-json.js';
import { buildExplainedRefusalJson } from '../../view/json/refusal-json.js';
import type { Report, ReportName } from '../../view/json/schemas/report-schemas.js';
import type { Printable } from '../../view/text/printable.js';
import { printForPrograms } from './output.js';

/** The report that is still owed, of a command that was called with `--json`. */
let owed: ReportName | typeof MACHINE | undefined;

/** Notes that a command with `--json` is about to run: it owes a report. */
export function expectReport(command: Command): void {
  owed = nameReport(command);
}

/** What `machine show` prints: a file that other commands read. */
const MACHINE = 'machine';

/** `signature-list` for `kexec-file signature list` */
function nameReport(command: Command): ReportName | typeof MACHINE {
  const { parent } = command;
  const isNested = parent?.parent != null;
  if (command.name() === 'show' && parent?.name() === 'machine') return MACHINE;
  return (isNested ? `${parent.name()}-${command.name()}` : command.name()) as ReportName;
}

/** Formats a report, beginning with its schema and version. */
export function formatReport<Name extends ReportName>(
  name: Name,
  fields: Report<Name>,
  layout: 'lines' | 'line' = 'lines',
): Printable {
  return formatJson({ ...buildReportHeader(name), ...fields }, layout);
}

/** Prints the one report of a command. A refusal that follows is in it. */
export function printReport<Name extends ReportName>(name: Name, fields: Report<Name>): void {
  owed = undefined;
  printForPrograms(formatReport(name, fields));
}

/** Prints one of many reports, as a line of JSON Lines. A refusal that follows gets a line of its own. */
export function printReportLine<Name extends ReportName>(name: Name, fields: Report<Name>): void {
  printForPrograms(formatReport(name, fields, 'line'));
}

/** Prints the text of a machine file, with the header of a report. */
export function printMachineFile(text: string): void {
  owed = undefined;
  printForPrograms(formatJson({ ...buildReportHeader(MACHINE), ...JSON.parse(text) }, 'lines'));
}

/** The report was written, or nobody reads it. */
export function dropReport(): void {
  owed = undefined;
}

/** Prints what ended a command, if that command owes a report. */
export function reportFailure(error: unknown): void {
  if (owed === undefined) return;
  const failure = { ...buildReportHeader(owed), ...describeFailure(error) };
  owed = undefined;
  printForPrograms(formatJson(failure, 'line'));
}

function describeFailure(error: unknown): object {
  if (error instanceof KexecError) return { refusal: buildExplainedRefusalJson(error) };
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { internalError: { name, message } };
}
