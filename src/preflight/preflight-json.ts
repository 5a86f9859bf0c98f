/** The lines that `preflight --json` prints. Addresses and sizes are "0x…". */
import { CHECKS } from '../base/checks.js';
import { hex } from '../base/u64.js';
import { buildRangeJson, buildSegmentJson, type SegmentJson } from '../view/json/memory-json.js';
import type { ExplainedRefusalJson } from '../view/json/refusal-json.js';
import type { Report } from '../view/json/schemas/report-schemas.js';
import type { ChangeCounts } from './compare/compare-rows.js';
import type { PreflightKernel } from './kernel-facts.js';
import type { Outcome, PreflightRow, Refusal } from './preflight-machine.js';
import type { PreflightSummary } from './tally.js';

type OutcomeJson =
  | { readonly verdict: 'loads'; readonly entry: string; readonly segments: readonly SegmentJson[] }
  | { readonly verdict: 'refused'; readonly refusal: ExplainedRefusalJson };

/** The line of a machine of the fleet. */
export type MachineJson = Extract<Report<'preflight'>, { readonly verdict: string }>;

/** The line of a machine. */
export function buildPreflightRowJson(row: PreflightRow): MachineJson {
  if (row.outcome === undefined) {
    return { file: row.file, verdict: 'unreadable', refusal: buildRefusalJson(row.unreadable) };
  }
  const { file, machine, ram, pageSize, crashRegion, outcome, crash, noDump } = row;
  return {
    file,
    machine,
    ...buildOutcomeJson(outcome),
    ram: hex(ram),
    pageSize,
    ...(crashRegion && { crashRegion: buildRangeJson(crashRegion) }),
    ...(crash && { crash: buildOutcomeJson(crash) }),
    ...(noDump === undefined ? {} : { noDump }),
  };
}

/**
 * The last line.
 *
 * @param more - what the fleet is compared with, and the number of machines for each change, if it is compared; which
 *   part of the fleet it is, if it is one
 */
export function buildPreflightSummaryJson(
  kernel: PreflightKernel,
  summary: PreflightSummary,
  more?: { readonly against?: string; readonly changes?: ChangeCounts; readonly shard?: string },
): Report<'preflight'> {
  const { file, ...facts } = kernel;
  return { summary: { kernel: file, ...facts, ...summary, ...more } };
}

function buildOutcomeJson(outcome: Outcome): OutcomeJson {
  if (outcome.verdict === 'refused') {
    return { verdict: outcome.verdict, refusal: buildRefusalJson(outcome.refusal) };
  }
  const { verdict, entry, segments } = outcome;
  return {
    verdict,
    entry: hex(entry),
    segments: segments.map(({ name, mem, memsz, bufsz }) => buildSegmentJson(name, mem, memsz, bufsz)),
  };
}

function buildRefusalJson({ errno, check, detail, cure }: Refusal): ExplainedRefusalJson {
  const { rule, cure: usual } = CHECKS[check];
  return { errno, check, detail, rule, cure: cure ?? usual };
}
