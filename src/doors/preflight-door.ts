/**
 * Preflight: one kernel on many machines; which of them load it, and why the others refuse.
 *
 * @example
 * ```js
 * import { readFile } from 'node:fs/promises';
 * import { PRESETS } from 'kexec-file/machine';
 * import { PreflightTally, preflightMachine } from 'kexec-file/preflight';
 *
 * const tally = new PreflightTally();
 * const request = { kernel: await readFile('vmlinuz') };
 * tally.add({ file: 'qemu-virt', ...preflightMachine(request, PRESETS['qemu-virt']()) });
 * const { loads, machines } = tally.summary();
 * console.log(`${loads} of ${machines} machines load it`);
 * // → 1 of 1 machines load it
 * ```
 *
 * @packageDocumentation
 */

export { describeChange } from '../preflight/compare/change-wording.js';
export {
  type ChangeCounts,
  ChangeTally,
  compareRows,
  type FleetRow,
} from '../preflight/compare/compare-rows.js';
export { buildComparedRowJson } from '../preflight/compare/compared-json.js';
export { type EarlierReport, parseReport } from '../preflight/compare/earlier-report.js';
export type {
  EarlierOutcome,
  EarlierPlace,
  EarlierRefusal,
  EarlierRow,
} from '../preflight/compare/earlier-row.js';
export { type MatchedMachines, matchMachines } from '../preflight/compare/match-machines.js';
export type { PreflightKernel } from '../preflight/kernel-facts.js';
export {
  formatPageEnd,
  formatPageRow,
  formatPageStart,
  type PreflightPageOptions,
} from '../preflight/page/page-html.js';
export {
  buildPreflightRowJson,
  buildPreflightSummaryJson,
  type MachineJson,
} from '../preflight/preflight-json.js';
export {
  type MachinePreflight,
  type Outcome,
  type PreflightRow,
  preflightMachine,
  type Refusal,
  type SegmentPlace,
} from '../preflight/preflight-machine.js';
export {
  arrangePreflightTable,
  formatPreflightHeading,
  formatPreflightRow,
  formatPreflightSummary,
  type PreflightTable,
} from '../preflight/preflight-text.js';
export { type GroupedFleet, type OutcomeGroup, OutcomeGroups } from '../preflight/shapes/outcome-groups.js';
export { type Cause, type PreflightSummary, PreflightTally } from '../preflight/tally.js';
export type { AddressColumn, PreflightColumns } from '../preflight/wording.js';
export type { Change } from '../view/json/schemas/changes.js';
