/** The lines that `preflight --json` prints. Addresses and sizes are "0x…". */
import { CHECKS } from '../base/checks.js';
import { hex } from '../base/u64.js';
import { buildRangeJson, buildSegmentJson, type SegmentJson } from '../view/json/memory-json.js';
import type { RefusalJson } from '../view/json/refusal-json.js';
import type { Report } from '../view/json/schemas/report-schemas.js';
import type { Outcome, PreflightRow, Refusal } from './preflight-machine.js';
import type { PreflightSummary } from './tally.js';

type OutcomeJson =
  | { readonly verdict: 'loads'; readonly entry: string; readonly segments: readonly SegmentJson[] }
  | { readonly verdict: 'refused'; readonly refusal: RefusalJson };

/** The line of a machine. */
export function buildPreflightRowJson(row: PreflightRow): Report<'preflight'> {
  if (row.outcome === undefined) {
    return { file: row.file, verdict: 'unreadable', refusal: buildRefusalJson(row.unreadable) };
  }
  const { file, machine, ram, pageSize, crashRegion, outcome, crash } = row;
  return {
    file,
    machine,
    ...buildOutcomeJson(outcome),
    ram: hex(ram),
    pageSize,
    ...(crashRegion && { crashRegion: buildRangeJson(crashRegion) }),
    ...(crash && { crash: buildOutcomeJson(crash) }),
  };
}

/** The last line. */
export function buildPreflightSummaryJson(kernel: string, summary: PreflightSummary): Report<'preflight'> {
  return { summary: { kernel, ...summary } };
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

function buildRefusalJson({ errno, check, detail, cure }: Refusal): RefusalJson {
  const { rule, cure: usual } = CHECKS[check];
  return { errno, check, detail, rule, cure: cure ?? usual };
}
