/** Reports about loads. */
import * as z from 'zod';
import { HANDOVER_STATES } from '../../../machine/handover-state.js';
import { bootEntry } from './boot-entry-schemas.js';
import { CHANGES, type Change } from './changes.js';
import {
  candidate,
  count,
  explainedCheck,
  explainedEntry,
  explainedRefusal,
  hexNumber,
  logMatch,
  range,
  refusal,
  segment,
  trailEntry,
} from './shared-schemas.js';

const type = z.enum(['default', 'crash']).meta({ description: 'crash: for the crash region' });
const kimage = { type, entry: hexNumber, segments: z.array(segment) } as const;
const trail = z.array(trailEntry);
const refused = z.object({ refusal, trail });

/** With --default or --boot-entry. */
const fromEntry = { bootEntry: bootEntry.optional() } as const;

/** The system call, where one was asked for. */
const asked = { syscall: z.enum(['file', 'segments']).optional(), ...fromEntry } as const;

export const plan = z.union([z.object({ ...asked, ...kimage, trail }), refused.extend(asked)]);

/** What was loaded. A load that was not predicted has no segments. */
const loaded = z.object({
  syscall: z.enum(['file', 'segments']),
  kernel: z.string(),
  initrd: z.string().optional(),
  commandLine: z.string().optional(),
  type,
  entry: kimage.entry.optional(),
  segments: kimage.segments.optional(),
  trail,
  ...fromEntry,
});

export const load = z.union([loaded, refused.extend(fromEntry)]);

export const unload = z.object({ type });

export const exec = z.object({ announcement: z.string().meta({ description: 'what happens next' }) });

export const status = z.object({
  loaded: z.boolean(),
  crashLoaded: z.boolean(),
  crashSize: hexNumber,
  handover: z.enum(HANDOVER_STATES),
  liveUpdate: z.boolean(),
});

export const boot = z.union([
  z.object({
    machine: z.string(),
    ...kimage,
    end: z.enum(['powered-off', 'reset', 'signal']),
    signal: z.string().optional(),
  }),
  refused,
]);

export const explain = z.object({
  kernel: z.string().optional(),
  machine: z.string().optional(),
  ...fromEntry,
  verdict: z.enum(['loads', 'refused']).optional(),
  refusal: explainedEntry.optional(),
  groups: z.array(z.object({ group: z.string(), checks: z.array(explainedEntry) })).optional(),
  asItIs: refusal.optional().meta({ description: 'the refusal of the system call for the file itself' }),
  errno: z
    .object({
      name: z.string(),
      meanings: z.object({ kexec_file_load: z.string().optional(), kexec_load: z.string().optional() }),
      checks: z.array(candidate).optional(),
      otherChecks: z
        .array(z.string())
        .optional()
        .meta({ description: 'checks outside of a load that can end in it' }),
    })
    .optional(),
  check: explainedCheck.optional(),
  log: z.object({ lines: count, matches: z.array(logMatch), omitted: count }).optional(),
});

const loads = z.object({ verdict: z.literal('loads'), entry: hexNumber, segments: z.array(segment) });
const refuses = z.object({ verdict: z.literal('refused'), refusal: explainedRefusal });
const machineFacts = {
  file: z.string(),
  machine: z.string(),
  ram: hexNumber,
  pageSize: count,
  crashRegion: range.optional(),
  crash: z.union([loads, refuses]).optional().meta({ description: 'the same load as a crash kernel' }),
  noDump: z
    .string()
    .optional()
    .meta({ description: "why the machine's makedumpfile saves no dump of the kernel that runs there" }),
} as const;

/** Of another version's report: its checks may have no rule in this one. */
const earlierRefusal = z.object({ errno: z.string(), check: z.string(), detail: z.string() });
const earlierLoads = z.object({
  verdict: z.literal('loads'),
  entry: hexNumber,
  segments: z.array(z.object({ name: z.string(), mem: hexNumber })),
});
const earlierRefuses = z.object({ verdict: z.literal('refused'), refusal: earlierRefusal });
const earlierCrash = { crash: z.union([earlierLoads, earlierRefuses]).optional() };
const before = z
  .union([
    earlierLoads.extend(earlierCrash),
    earlierRefuses.extend(earlierCrash),
    z.object({ verdict: z.literal('unreadable'), refusal: earlierRefusal }),
  ])
  .meta({ id: 'Before', description: 'with --against: the outcome before; absent if nothing has changed' });
const change = z.enum(CHANGES).meta({ id: 'Change', description: 'what has changed for a machine' });
const compared = { change: change.optional(), before: before.optional() };

const causes = z.array(
  z.object({
    errno: z.string(),
    check: z.string(),
    rule: z.string(),
    cure: z.string(),
    count,
    example: z.string(),
  }),
);

const summary = z.object({
  kernel: z.string(),
  sha256: z.string().meta({ description: 'of the kernel file' }),
  release: z.string().optional(),
  signer: z.string().optional(),
  policy: z.string().optional(),
  type: z.enum(['default', 'crash']).meta({ description: 'crash with --panic' }),
  machines: count,
  loads: count,
  refused: count,
  unreadable: count,
  causes,
  crash: z.object({ regions: count, loads: count, refused: count, causes }),
  noDump: z
    .object({ count, example: z.string() })
    .optional()
    .meta({ description: 'machines whose makedumpfile saves no dump of the kernel that runs there' }),
  against: z.string().optional().meta({ description: 'with --against: its file' }),
  changes: z
    .object(Object.fromEntries(CHANGES.map((name) => [name, count])) as Record<Change, typeof count>)
    .optional()
    .meta({ description: 'with --against: the number of machines for each change' }),
  shard: z.string().optional().meta({
    description: 'with --shard: the part of the fleet, such as 1/4; preflight merge joins the parts',
  }),
});

export const preflight = z.union([
  loads.extend({ ...machineFacts, ...compared }),
  refuses.extend({ ...machineFacts, ...compared }),
  z.object({ file: z.string(), verdict: z.literal('unreadable'), refusal: explainedRefusal, ...compared }),
  z.object({ file: z.string(), machine: z.string().optional(), change: z.literal('gone'), before }),
  z.object({ summary }),
]);

export const doctor = z.object({
  findings: z.array(
    z.object({
      topic: z.string(),
      severity: z.enum(['stops', 'warns', 'unknown', 'fine']),
      about: z.enum(['kexec', 'kdump', 'both']),
      fact: z.string(),
      why: z.string(),
      cure: z.string().optional(),
      source: z.string(),
    }),
  ),
});
