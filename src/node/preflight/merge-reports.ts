import { closeSync, createReadStream, fstatSync, openSync } from 'node:fs';
import * as z from 'zod';
import { CHECKS, type Check } from '../../base/checks.js';
import { type Errno, refuse } from '../../base/error.js';
import { splitLines } from '../../machine/fleet/split-lines.js';
import { type ChangeCounts, ChangeTally } from '../../preflight/compare/compare-rows.js';
import type { PreflightRow } from '../../preflight/preflight-machine.js';
import { type PreflightSummary, PreflightTally } from '../../preflight/tally.js';
import { CHANGES } from '../../view/json/schemas/changes.js';
import { toAccessError, tryAccess } from '../files/access-error.js';
import { readFully } from '../files/read-fully.js';

/** The last line has at most this many bytes: the causes of a fleet. */
const MAX_SUMMARY_BYTES = 1 << 20;

const summary = z.object({
  summary: z.looseObject({
    kernel: z.string(),
    sha256: z.string(),
    type: z.string(),
    policy: z.string().optional(),
    against: z.string().optional(),
    machines: z.int().min(0),
    shard: z.string().regex(/^\d{1,6}\/\d{1,6}$/),
  }),
});
type Summary = z.output<typeof summary>['summary'];

const refusal = z.object({ errno: z.string(), check: z.string(), detail: z.string(), cure: z.string() });
const loads = z.object({ verdict: z.literal('loads') });
const refused = z.object({ verdict: z.literal('refused'), refusal });
const facts = {
  file: z.string(),
  machine: z.string(),
  crash: z.discriminatedUnion('verdict', [loads, refused]).optional(),
  noDump: z.string().optional(),
  change: z.enum(CHANGES).optional(),
};
const row = z.discriminatedUnion('verdict', [
  loads.extend(facts),
  refused.extend(facts),
  z.object({
    verdict: z.literal('unreadable'),
    file: z.string(),
    refusal,
    change: z.enum(CHANGES).optional(),
  }),
]);
type Row = z.output<typeof row>;

/** What all shards have in common, and their outcomes. */
export interface MergedReports {
  /** The facts of the kernel, of the first shard's summary. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly summary: PreflightSummary;
  /** Undefined if nothing is compared. */
  readonly changes: ChangeCounts | undefined;
}

/**
 * Joins the reports of all shards of a fleet: what `preflight --json --shard K/N` printed.
 *
 * @returns the lines of the machines, in the order of the fleet, and at the end what the last line says
 * @throws KexecError check `preflight-report`, if shards are missing, there twice, or of different loads, or a line is
 *   none of a report; `file-access`, with the system's errno.
 */
export async function* mergeReports(paths: readonly string[]): AsyncGenerator<string, MergedReports> {
  const shards = orderShards(paths.map((path) => ({ path, summary: readSummary(path) })));
  const [first] = shards as [Shard];
  const lines = shards.map(({ path }) => readRows(path));
  const tally = new PreflightTally();
  const changes = new ChangeTally();
  const total = shards.reduce((sum, { summary: { machines } }) => sum + machines, 0);
  for (let number = 0; number < total; number += 1) {
    const at = number % shards.length;
    const { value, done } = await (lines[at] as ReturnType<typeof readRows>).next();
    if (done === true) refuse('preflight-report', 'EINVAL', `${shards[at]?.path} is cut short`);
    tally.add(toRow(value.row, shards[at]?.path as string));
    if (value.row.change !== undefined) changes.add(value.row.change);
    yield value.text;
  }
  for (const [at, rows] of lines.entries()) {
    const { done } = await rows.next();
    if (done !== true)
      refuse('preflight-report', 'EINVAL', `${shards[at]?.path} has more machines than its last line says`);
  }
  const { kernel, sha256, release, signer, policy, type, against } = first.summary;
  const kept = Object.entries({ kernel, sha256, release, signer, policy, type, against });
  return {
    facts: Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    summary: tally.summary(),
    changes: against === undefined ? undefined : changes.counts(),
  };
}

interface Shard {
  readonly path: string;
  readonly summary: Summary;
}

/** Orders shards by their numbers, and checks that they are all of one fleet. */
function orderShards(shards: readonly Shard[]): Shard[] {
  const count = shards.length;
  const [first] = shards as [Shard];
  const ordered: Shard[] = [];
  for (const shard of shards) {
    const [index = 0, of = 0] = shard.summary.shard.split('/').map(Number);
    if (of !== count)
      refuse(
        'preflight-report',
        'EINVAL',
        `${shard.path} is shard ${shard.summary.shard}, and ${count} reports are given`,
      );
    if (index < 1 || index > count || ordered[index - 1] !== undefined)
      refuse(
        'preflight-report',
        'EINVAL',
        `${shard.path} is shard ${shard.summary.shard}, as ${ordered[index - 1]?.path ?? 'none can be'}`,
      );
    for (const field of ['sha256', 'type', 'policy', 'against'] as const) {
      if (shard.summary[field] !== first.summary[field])
        refuse(
          'preflight-report',
          'EINVAL',
          `${shard.path} and ${first.path} are of different loads: ${field} is ${shard.summary[field] ?? 'none'}, and ${first.summary[field] ?? 'none'}`,
        );
    }
    ordered[index - 1] = shard;
  }
  const total = ordered.reduce((sum, { summary: { machines } }) => sum + machines, 0);
  for (const [
    at,
    {
      path,
      summary: { machines },
    },
  ] of ordered.entries()) {
    const wanted = Math.ceil((total - at) / count);
    if (machines !== wanted)
      refuse(
        'preflight-report',
        'EINVAL',
        `${path} has ${machines} machines, and a shard ${at + 1}/${count} of ${total} has ${wanted}: the fleet has changed between the shards`,
      );
  }
  return ordered;
}

/** Reads the last line of a report. */
function readSummary(path: string): Summary {
  const end = readEnd(path);
  const text = end.trimEnd();
  const result = summary.safeParse(parseJson(text.slice(text.lastIndexOf('\n') + 1), path));
  if (result.success) return result.data.summary;
  const [issue] = result.error.issues;
  refuse(
    'preflight-report',
    'EINVAL',
    `${path}: its last line is no summary of a shard: ${issue?.path.join('.')}: ${issue?.message.slice(0, 200)}`,
    { cure: 'make the reports with preflight --json --shard K/N' },
  );
}

function readEnd(path: string): string {
  return tryAccess(`cannot read ${path}`, () => {
    const descriptor = openSync(path, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const bytes = new Uint8Array(Math.min(size, MAX_SUMMARY_BYTES));
      readFully(descriptor, bytes, BigInt(size - bytes.length));
      return new TextDecoder().decode(bytes);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Reads the lines of machines, one after the other. */
async function* readRows(path: string): AsyncGenerator<{ readonly text: string; readonly row: Row }> {
  try {
    for await (const lines of splitLines(createReadStream(path) as AsyncIterable<Buffer>)) {
      for (const { number, bytes } of lines) {
        const text = bytes === undefined ? '' : new TextDecoder().decode(bytes);
        const json = parseJson(text, `line ${number} of ${path}`);
        if (typeof json === 'object' && json !== null && 'summary' in json) return;
        const result = row.safeParse(json);
        if (!result.success)
          refuse('preflight-report', 'EINVAL', `line ${number} of ${path} is of no machine`);
        yield { text, row: result.data };
      }
    }
  } catch (cause) {
    throw toAccessError(`cannot read ${path}`, cause);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    return refuse('preflight-report', 'EINVAL', `${where}: not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** As much of a row as is counted. */
function toRow(read: Row, path: string): PreflightRow {
  const toRefusal = ({ check, cure, ...rest }: z.output<typeof refusal>) => {
    if (!Object.hasOwn(CHECKS, check))
      refuse(
        'preflight-report',
        'EINVAL',
        `${path} has the check ${check}, which this version does not know`,
      );
    const known = check as Check;
    return {
      ...rest,
      errno: rest.errno as Errno,
      check: known,
      ...(cure === CHECKS[known].cure ? {} : { cure }),
    };
  };
  const toOutcome = (outcome: z.output<typeof loads> | z.output<typeof refused>) =>
    outcome.verdict === 'loads'
      ? ({ verdict: 'loads', entry: 0n, segments: [] } as const)
      : ({ verdict: 'refused', refusal: toRefusal(outcome.refusal) } as const);
  const { file } = read;
  if (read.verdict === 'unreadable') return { file, unreadable: toRefusal(read.refusal) };
  return {
    file,
    machine: read.machine,
    ram: 0n,
    pageSize: 0,
    crashRegion: undefined,
    outcome: toOutcome(read),
    crash: read.crash && toOutcome(read.crash),
    ...(read.noDump === undefined ? {} : { noDump: read.noDump }),
  };
}
