/** Parts that several reports share. */
import * as z from 'zod';

export const hexNumber = z
  .string()
  .regex(/^0x(0|[1-9a-f][0-9a-f]*)$/)
  .meta({ id: 'Hex', description: 'an address, or a size in bytes: lower case, without padding' });

export const hexBytes = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .meta({ id: 'Bytes', description: 'bytes, two digits each' });

/** A whole number from 0: of bytes, pages, lines. */
export const count = z.int().min(0);

export const range = z.object({ start: hexNumber, end: hexNumber }).meta({
  id: 'Range',
  description: 'a half-open range of physical addresses',
});

export const segment = z
  .object({ name: z.string(), mem: hexNumber, memsz: hexNumber, bufsz: hexNumber })
  .meta({
    id: 'Segment',
    description: 'a segment: its address, its size in memory, and how many bytes it has',
  });

export const refusal = z
  .object({
    errno: z.string().meta({ description: 'the name of the errno: EINVAL' }),
    check: z.string().meta({ description: 'the check that refused: docs/errors.md lists them' }),
    detail: z.string().meta({ description: 'what was seen' }),
  })
  .meta({ id: 'Refusal', description: 'why an input was refused' });

/** Of one machine of many, or what ends a command before it has a report. */
export const explainedRefusal = refusal
  .extend({
    rule: z.string().meta({ description: 'what must hold' }),
    cure: z.string().meta({ description: 'what to do' }),
  })
  .meta({ id: 'ExplainedRefusal', description: 'why an input was refused, and what to do' });

const hole = z.object({ start: hexNumber, end: hexNumber, why: z.string() });

const trailFields = {
  check: z.string(),
  verdict: z.enum(['ok', 'note', 'refused']),
  errno: z.string().optional(),
  detail: z.string(),
  also: z.array(z.string()).optional().meta({ description: 'checks that were made with this one, and hold' }),
  holes: z
    .array(hole)
    .optional()
    .meta({ description: 'after a search for memory: the holes that were tried' }),
  entropyBits: z.number().optional().meta({ description: 'of a place that was drawn at random' }),
  cure: z.string().optional().meta({ description: 'what to do' }),
} as const;

export const trailEntry = z
  .object(trailFields)
  .meta({ id: 'TrailEntry', description: 'one check: its verdict, and what was seen' });

const namedCheck = {
  check: z.string(),
  group: z.string(),
  rule: z.string(),
  source: z.string().meta({ description: 'whose rule it is' }),
  cure: z.string(),
} as const;

export const explainedEntry = z
  .object({ step: z.int().min(1), ...trailFields, ...namedCheck })
  .meta({ id: 'ExplainedEntry', description: 'a check, with its rule and cure' });

const cause = z.object({ cause: z.string(), cure: z.string(), module: z.string().optional() });

/** A check that can end in an errno. */
export const candidate = z.object({
  ...namedCheck,
  standing: z.enum(['found', 'possible', 'ruled out']),
  why: z.string(),
  causes: z.array(cause),
});

/** A check, whatever is loaded. */
export const explainedCheck = z.object({
  ...namedCheck,
  why: z.string().optional(),
  how: z.string().optional().meta({ description: 'how one gets there' }),
  example: z.string().optional().meta({ description: 'a shell command that ends in the check' }),
  errnos: z.array(z.string()),
  causes: z.array(cause.extend({ errno: z.string() })),
});

const logLine = z.object({ text: z.string(), line: z.int().min(1) });

/** All lines of a kernel log that have one cause. */
export const logMatch = logLine.extend({
  cause: z.string(),
  severity: z.string(),
  times: z.int().min(1),
  last: logLine.optional(),
  errno: z.string().optional(),
  meaning: z.string().optional(),
  checks: z.array(z.object({ ...namedCheck, causes: z.array(cause).optional() })),
});
