/** Reports about dumps and crash kernels. */
import * as z from 'zod';
import { QEMU_FIRMWARE } from '../../../machine/qemu-firmware.js';
import { count, hexNumber } from './shared-schemas.js';

const dumpedRange = z.object({ start: hexNumber, end: hexNumber, present: hexNumber });

export const vmcoreInfo = z.object({
  format: z.string(),
  isFlattened: z.boolean(),
  release: z.string().optional(),
  buildId: z.string().optional(),
  uts: z.record(z.string(), z.string()).optional(),
  crashTime: z.number().optional().meta({ description: 'seconds since 1970' }),
  uptime: z.number().optional().meta({ description: "seconds of the kernel's clock" }),
  panic: z.string().optional(),
  context: z.string().optional(),
  cpus: z.array(z.object({ index: count, pid: z.int() }).catchall(z.union([hexNumber, z.int()]))),
  panicked: count.optional(),
  memory: z.array(dumpedRange),
  vmcoreinfo: z.record(z.string(), z.string()),
  problems: z.array(z.string()),
  remarks: z.array(z.string()),
});

const logRecord = z.object({
  sequence: z.string().optional(),
  time: z.string().meta({ description: 'seconds, with nine decimal places' }),
  level: count.optional(),
  facility: count.optional(),
  caller: z.string().optional(),
  subsystem: z.string().optional(),
  device: z.string().optional(),
  text: z.string(),
});

/** A record a line; what could not be read, or that there is no record, on the last one. */
export const vmcoreDmesg = z.union([logRecord, z.object({ problems: z.array(z.string()) })]);

const leftOut = z.object({
  zero: count,
  cache: count,
  'cache-private': count,
  user: count,
  free: count,
  poisoned: count,
  offline: count,
});

export const vmcoreSave = z.object({
  path: z.string(),
  size: count,
  pages: count,
  leftOut,
  unknown: count,
  resumedAt: count,
  sha256: z.string().optional(),
  problems: z.array(z.string()),
});

export const crashLint = z.object({
  file: z.string(),
  kind: z.enum(['elfcorehdr', 'vmcore']),
  notes: count,
  loads: count,
  findings: z.array(z.object({ severity: z.enum(['error', 'warning', 'note']), what: z.string() })),
});

const part = z.object({ what: z.string(), bytes: hexNumber, why: z.string() });

export const crashEstimate = z.object({
  parts: z.array(part),
  sum: hexNumber,
  usual: part.optional(),
  reserve: hexNumber,
  reserved: hexNumber.optional(),
  reservedCma: hexNumber.optional().meta({
    description: 'the CMA that crashkernel=SIZE,cma has reserved in addition, which no segment may use',
  }),
  parameter: z.string().meta({ description: 'crashkernel=, for the command line of the running kernel' }),
  form: z.string(),
  bootLoader: z.string().meta({ description: 'what the machine boots by, or unknown' }),
  place: z.string().meta({ description: 'where the parameter is added, as the boot loader wants it' }),
});

export const crashRehearse = z.object({
  machine: z.string(),
  verdict: z.enum(['ok', 'failed']),
  stage: z.string(),
  seen: z.array(z.string()),
  qemu: z.object({ machine: z.string(), cpu: z.string(), memory: z.string(), cpus: z.int().min(1) }),
  firmware: z.enum(QEMU_FIRMWARE),
  crashkernel: z.array(z.string()),
  captureCommandLine: z.string(),
  notes: z.array(z.string()),
  crashRegion: z.array(z.string()).optional(),
  segments: z.array(z.object({ name: z.string(), mem: hexNumber })).optional(),
  vmcore: z
    .object({ size: hexNumber, release: z.string().optional(), panic: z.string().optional() })
    .optional(),
  seconds: z.record(z.string(), z.number()),
  console: z.string(),
});
