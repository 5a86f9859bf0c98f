import type { Printable } from '../../view/text/printable.js';
import type { ChangeCounts, FleetRow } from '../compare/compare-rows.js';
import type { PreflightSummary } from '../tally.js';

/** The outcomes of a fleet. */
export interface FleetResult {
  readonly summary: PreflightSummary;
  /** The number of machines for each change; undefined if nothing is compared. */
  readonly changes: ChangeCounts | undefined;
}

/** A report of a fleet in three parts. Rows are formatted as they come, before the start is, if that has counts. */
export interface FleetDocument {
  start(result: FleetResult): string;
  /** The part for a machine; empty if there is none. */
  row(machine: FleetRow): string;
  end(result: FleetResult): string;
}

/** A report that can be printed row by row, because its start does not depend on the outcomes. Each part ends a line. */
export interface StreamedDocument extends FleetDocument {
  start(): Printable;
  row(machine: FleetRow): Printable;
  end(): Printable;
}
