import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CHECKS, type Check } from '../../base/checks.js';
import { ERRNO, type Errno } from '../../base/error.js';
import { addressField, rangeField } from '../../machine/file-fields.js';
import type { ShapeOutcome } from '../../preflight/shapes/shape-outcome.js';
import type { ShapeCache } from '../../preflight/shapes/shape-outcomes.js';
import { tryAccess } from '../files/access-error.js';
import type { ClonedRequest } from './preflight-job.js';

/** Real files have a few KiB. */
const MAX_BYTES = 1 << 20;

const refusal = z.strictObject({
  errno: z.custom<Errno>((value) => typeof value === 'string' && Object.hasOwn(ERRNO, value)),
  check: z.custom<Check>((value) => typeof value === 'string' && Object.hasOwn(CHECKS, value)),
  detail: z.string(),
  cure: z.string().exactOptional(),
});
const segment = z.strictObject({
  name: z.string(),
  mem: addressField,
  memsz: addressField,
  bufsz: z.int().min(0),
});
const outcome = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('loads'), entry: addressField, segments: z.array(segment) }),
  z.strictObject({ verdict: z.literal('refused'), refusal }),
]);
const planned = z.union([
  z.strictObject({ unreadable: refusal }),
  z.strictObject({
    ram: addressField,
    pageSize: z.int(),
    crashRegion: rangeField.exactOptional(),
    outcome,
    crash: outcome.exactOptional(),
    noDump: z.string().exactOptional(),
  }),
]);
const file = z.strictObject({
  /** Over the text of `outcomes`. */
  digest: z.string(),
  outcomes: z.array(z.strictObject({ planned, nameMark: z.string().exactOptional() })),
});

/**
 * Opens a folder of outcomes. It is created if it is not there.
 *
 * @param requests - the loads, of which the folder keeps those of many
 * @param version - of this program: another one may decide otherwise
 * @throws KexecError `file-access`, with the system's errno, if the folder cannot be created.
 */
export function openShapeCache(
  folder: string,
  requests: readonly ClonedRequest[],
  version: string,
): ShapeCache {
  const load = createHash('sha256').update(version);
  for (const request of requests) hashValue(load, request);
  const within = join(folder, load.digest('hex'));
  tryAccess(`cannot create ${within}`, () => mkdirSync(within, { recursive: true }));
  const pathOf = (shape: string): string => join(within, `${shape}.json`);
  return {
    read: (shape) => readOutcomes(pathOf(shape), requests.length),
    write: (shape, outcomes) => writeOutcomes(pathOf(shape), outcomes),
  };
}

function readOutcomes(path: string, count: number): readonly ShapeOutcome[] | undefined {
  let text: string;
  try {
    if (statSync(path).size > MAX_BYTES) return undefined;
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const json = JSON.parse(text) as { outcomes?: unknown };
    const result = file.safeDecode(json as z.input<typeof file>);
    if (!result.success || result.data.digest !== digestText(JSON.stringify(json.outcomes))) return undefined;
    const outcomes = result.data.outcomes as unknown as readonly ShapeOutcome[];
    return outcomes.length === count ? outcomes : undefined;
  } catch {
    // A file that is damaged is written again.
    return undefined;
  }
}

function writeOutcomes(path: string, outcomes: readonly ShapeOutcome[]): void {
  const values = dropUndefined(outcomes) as z.output<typeof file>['outcomes'];
  const encoded = z.array(file.shape.outcomes.element).encode(values);
  const text = JSON.stringify({ digest: digestText(JSON.stringify(encoded)), outcomes: encoded });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  tryAccess(`cannot write ${path}`, () => {
    try {
      writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

function digestText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON has no `undefined`. */
function dropUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [[key, dropUndefined(inner)]],
    ),
  );
}

/** Adds a value to a digest, so that other values give another one. */
function hashValue(digest: ReturnType<typeof createHash>, value: unknown): void {
  if (value instanceof Uint8Array) {
    digest.update(`b${value.length} `).update(value);
  } else if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
    digest.update('[');
    for (const item of value) hashValue(digest, item);
    digest.update(']');
  } else if (typeof value === 'object' && value !== null) {
    digest.update('{');
    for (const [key, inner] of Object.entries(value)) {
      digest.update(`${JSON.stringify(key)}:`);
      hashValue(digest, inner);
    }
    digest.update('}');
  } else if (typeof value === 'string') digest.update(`${JSON.stringify(value)};`);
  else digest.update(`${typeof value} ${String(value)};`);
}
