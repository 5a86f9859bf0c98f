import type { KexecError } from '../base/error.js';
import type { TrailEntry } from '../base/trail.js';
import { hex } from '../base/u64.js';
import { type ExplainedEntry, explainTrail } from '../explain/explanation.js';
import type { LoadResult } from '../kexec/file-load.js';

/** A refusal as every command gives it in JSON. */
export interface RefusalJson {
  readonly errno: string;
  readonly check: string;
  readonly detail: string;
}

export function refusalJson({ errno, check, seen }: KexecError): RefusalJson {
  return { errno, check, detail: seen };
}

/** What `plan --json` prints: the kimage without its bytes, or the refusal, and the trail. Addresses are "0x…". */
export function planJson(result: LoadResult): object {
  const trail = result.trail.map(trailEntryJson);
  if ('refusal' in result) return { refusal: refusalJson(result.refusal), trail };
  const { type, entry, segments } = result.kimage;
  return {
    type,
    entry: hex(entry),
    segments: segments.map(({ name, mem, memsz, bytes }) => ({
      name,
      mem: hex(mem),
      memsz: hex(memsz),
      bufsz: hex(bytes.length),
    })),
    trail,
  };
}

/** What `explain --json` prints of a load: the refusal, and every other check by subject, each with its rule and cure. */
export function explanationJson(result: LoadResult): object {
  const { refusal, groups } = explainTrail(result.trail);
  return {
    verdict: refusal === undefined ? 'loads' : 'refused',
    ...(refusal === undefined ? {} : { refusal: explainedJson(refusal) }),
    groups: groups.map(({ group, entries }) => ({ group, checks: entries.map(explainedJson) })),
  };
}

function explainedJson(entry: ExplainedEntry): object {
  const { step, group, rule, source, cure } = entry;
  return { step, group, ...trailEntryJson(entry), rule, source, cure };
}

function trailEntryJson({ check, verdict, errno, detail, holes, entropyBits }: TrailEntry): object {
  return {
    check,
    verdict,
    ...(errno === undefined ? {} : { errno }),
    detail,
    ...(holes === undefined
      ? {}
      : { holes: holes.map(({ range, why }) => ({ start: hex(range.start), end: hex(range.end), why })) }),
    ...(entropyBits === undefined ? {} : { entropyBits }),
  };
}
