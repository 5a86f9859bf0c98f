import type { TrailEntry } from '../../base/trail.js';
import { hex } from '../../base/u64.js';
import { type ExplainedEntry, explainTrail } from '../../explain/explanation.js';
import type { LoadResult } from '../../kexec/file-load.js';
import { buildRangeJson, buildSegmentJson } from './memory-json.js';
import { buildRefusalJson } from './refusal-json.js';
import type { Report } from './schemas/report-schemas.js';

/** What `plan --json` prints: the kimage without its bytes, or the refusal, and the trail. Addresses are "0x…". */
export function buildPlanJson(result: LoadResult) {
  if ('refusal' in result) return buildRefusedJson(result);
  const trail = result.trail.map(buildTrailEntryJson);
  const { type, entry, segments } = result.kimage;
  return {
    type,
    entry: hex(entry),
    segments: segments.map(({ name, mem, memsz, bytes }) => buildSegmentJson(name, mem, memsz, bytes.length)),
    trail,
  };
}

/** A load that was refused: the refusal, and the trail that it ends. */
export function buildRefusedJson({ refusal, trail }: Extract<LoadResult, { refusal: unknown }>) {
  return { refusal: buildRefusalJson(refusal), trail: trail.map(buildTrailEntryJson) };
}

/** What `explain --json` prints: the refusal, then the other checks by subject, each with its rule and cure. */
export function buildExplanationJson(
  result: LoadResult,
): Pick<Report<'explain'>, 'verdict' | 'refusal' | 'groups'> {
  const { refusal, groups } = explainTrail(result.trail);
  return {
    verdict: refusal === undefined ? 'loads' : 'refused',
    ...(refusal === undefined ? {} : { refusal: buildExplainedJson(refusal) }),
    groups: groups.map(({ group, entries }) => ({ group, checks: entries.map(buildExplainedJson) })),
  };
}

function buildExplainedJson(entry: ExplainedEntry): NonNullable<Report<'explain'>['refusal']> {
  const { step, group, rule, source, cure } = entry;
  return { step, group, ...buildTrailEntryJson(entry), rule, source, cure };
}

/** A check of a trail. */
export function buildTrailEntryJson({
  check,
  verdict,
  errno,
  detail,
  holes,
  entropyBits,
  cure,
}: TrailEntry): Report<'plan'>['trail'][number] {
  return {
    check,
    verdict,
    ...(errno === undefined ? {} : { errno }),
    detail,
    ...(holes === undefined
      ? {}
      : { holes: holes.map(({ range, why }) => ({ ...buildRangeJson(range), why })) }),
    ...(entropyBits === undefined ? {} : { entropyBits }),
    ...(cure === undefined ? {} : { cure }),
  };
}
