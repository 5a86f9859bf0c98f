import * as z from 'zod';
import { refuse } from '../../base/error.js';
import type { EarlierRow } from './earlier-row.js';

/** An earlier run of preflight. */
export interface EarlierReport {
  readonly rows: readonly EarlierRow[];
  /** The kernel's file. */
  readonly kernel: string;
  /** Whether it was planned only as a crash kernel; undefined if the report is of a version that does not say. */
  readonly isCrash: boolean | undefined;
}

/** The most bytes of a report: 128 MiB. */
export const MAX_REPORT_BYTES = 128 << 20;
const MAX_MACHINES = 1 << 18;
const MAX_SEGMENTS = 64;
/** A line has one machine's segments, or the causes of a fleet. */
const MAX_LINE_CHARACTERS = 1 << 20;

const address = z.string().regex(/^0x[0-9a-f]{1,16}$/, 'must be "0x…", lower case');
const refusal = z.object({ errno: z.string(), check: z.string(), detail: z.string() });
const loading = z.object({
  verdict: z.literal('loads'),
  entry: address.transform(BigInt),
  segments: z.array(z.object({ name: z.string(), mem: address.transform(BigInt) })).max(MAX_SEGMENTS),
});
const refused = z.object({ verdict: z.literal('refused'), refusal });
const outcome = z.discriminatedUnion('verdict', [loading, refused]);
const facts = { file: z.string(), machine: z.string(), crash: outcome.optional() };
const machine = z.discriminatedUnion('verdict', [
  loading.extend(facts),
  refused.extend(facts),
  z.object({ verdict: z.literal('unreadable'), file: z.string(), refusal }),
]);
const summary = z.object({
  kernel: z.string(),
  machines: z.int(),
  type: z.enum(['default', 'crash']).optional(),
});

/**
 * Parses what `preflight --json` printed.
 *
 * @throws KexecError `EINVAL`, check `preflight-report`, naming the line; `EFBIG` for too many machines.
 */
export function parseReport(text: string): EarlierReport {
  const rows: EarlierRow[] = [];
  let number = 0;
  for (const line of splitLines(text)) {
    number += 1;
    if (line.trim() === '') continue;
    const value = parseLine(line, number);
    if ('summary' in value) return endReport(rows, value.summary, number);
    if ('refusal' in value && !('file' in value))
      refuse('preflight-report', 'EINVAL', 'the report has a refusal alone: its kernel was planned nowhere');
    // A machine that was gone already is in neither fleet.
    if ('change' in value && value.change === 'gone') continue;
    if (rows.length === MAX_MACHINES)
      refuse('preflight-report', 'EFBIG', `the report has more than ${MAX_MACHINES} machines`);
    rows.push(toRow(check(machine, value, number)));
  }
  return refuse(
    'preflight-report',
    'EINVAL',
    `the report has ${number} lines and no summary: it is cut short`,
  );
}

function endReport(rows: readonly EarlierRow[], value: unknown, number: number): EarlierReport {
  const { kernel, machines, type } = check(summary, value, number);
  if (machines !== rows.length) {
    const seen = `the summary is of ${machines} machines, and the report has ${rows.length}`;
    refuse('preflight-report', 'EINVAL', seen);
  }
  return { rows, kernel, isCrash: type && type === 'crash' };
}

function toRow(parsed: z.infer<typeof machine>): EarlierRow {
  if (parsed.verdict === 'unreadable') return { file: parsed.file, unreadable: parsed.refusal };
  const { file, machine: name, crash, ...rest } = parsed;
  return { file, machine: name, outcome: rest, crash };
}

function parseLine(line: string, number: number): object {
  if (line.length > MAX_LINE_CHARACTERS)
    refuseLine(number, `it has ${line.length} characters, more than ${MAX_LINE_CHARACTERS}`);
  const value = parseJson(line, number);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuseLine(number, 'no object');
  return value;
}

function parseJson(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    return refuseLine(number, `not JSON: ${(cause as Error).message}`);
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, number: number): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return refuseLine(number, `${issue?.path.join('.') || 'the line'}: ${issue?.message}`);
}

function refuseLine(number: number, seen: string): never {
  refuse('preflight-report', 'EINVAL', `line ${number} of the report: ${seen.slice(0, 300)}`);
}

function* splitLines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end < 0 ? undefined : end);
    if (end < 0) return;
    start = end + 1;
  }
}
