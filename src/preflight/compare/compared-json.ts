/** The lines that `preflight --against --json` prints. */
import { hex } from '../../base/u64.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { buildPreflightRowJson } from '../preflight-json.js';
import type { FleetRow } from './compare-rows.js';
import type { EarlierOutcome, EarlierRefusal, EarlierRow } from './earlier-row.js';

type EarlierOutcomeJson =
  | {
      readonly verdict: 'loads';
      readonly entry: string;
      readonly segments: { readonly name: string; readonly mem: string }[];
    }
  | { readonly verdict: 'refused'; readonly refusal: EarlierRefusal };

type EarlierJson =
  | (EarlierOutcomeJson & { readonly crash?: EarlierOutcomeJson })
  | { readonly verdict: 'unreadable'; readonly refusal: EarlierRefusal };

/** The line of a machine that is compared, or gone: what has changed, and what it was before unless nothing has. */
export function buildComparedRowJson({ row, before, change = 'unchanged' }: FleetRow): Report<'preflight'> {
  const earlier = change === 'unchanged' || before === undefined ? {} : { before: buildEarlierJson(before) };
  if (row !== undefined) return { ...buildPreflightRowJson(row), change, ...earlier };
  if (before === undefined) throw new Error('a row is of a machine that is, or was, in the fleet');
  const { file } = before;
  const name = before.outcome === undefined ? {} : { machine: before.machine };
  return { file, ...name, change: 'gone', before: buildEarlierJson(before) };
}

/** What a machine is compared with: verdicts, causes and addresses. */
function buildEarlierJson(before: EarlierRow): EarlierJson {
  if (before.outcome === undefined)
    return { verdict: 'unreadable', refusal: buildEarlierRefusalJson(before.unreadable) };
  const { outcome, crash } = before;
  return { ...buildEarlierOutcomeJson(outcome), ...(crash && { crash: buildEarlierOutcomeJson(crash) }) };
}

function buildEarlierOutcomeJson(outcome: EarlierOutcome): EarlierOutcomeJson {
  if (outcome.verdict === 'refused')
    return { verdict: outcome.verdict, refusal: buildEarlierRefusalJson(outcome.refusal) };
  const { verdict, entry, segments } = outcome;
  return {
    verdict,
    entry: hex(entry),
    segments: segments.map(({ name, mem }) => ({ name, mem: hex(mem) })),
  };
}

function buildEarlierRefusalJson({ errno, check, detail }: EarlierRefusal): EarlierRefusal {
  return { errno, check, detail };
}
