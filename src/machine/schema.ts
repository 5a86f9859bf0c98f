import * as z from 'zod';
import { decodeBase64, encodeBase64 } from '../base/bytes.js';
import { KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import type { Machine } from './machine-value.js';

/** The version of the file's format, in its field `kexecFileMachine`. */
const FORMAT_VERSION = 1;

/** Machines have hundreds. What is wrong with a file that has millions would take gigabytes to tell. */
const MOST_VALUES = 1 << 16;

/** How many faults of a file are told, and how much of each. */
const MOST_FAULTS = 20;
const LONGEST_FAULT = 200;

const address = z.codec(z.string().regex(/^0x[0-9a-f]{1,17}$/, 'must be "0x…", lower case'), z.bigint(), {
  decode: BigInt,
  encode: hex,
});

const base64 = z.codec(z.base64(), z.instanceof(Uint8Array<ArrayBufferLike>), {
  decode: decodeBase64,
  encode: encodeBase64,
});

const range = z
  .strictObject({ start: address, end: address })
  .refine(
    ({ start, end }) => start <= end && end <= 1n << 64n,
    'must not end before it starts, nor beyond 64 bits',
  );

const memory = z
  .array(range)
  .min(1)
  .refine(
    (ranges) => ranges.every((one, index) => index === 0 || (ranges[index - 1]?.end ?? 0n) <= one.start),
    'must be lowest first, without overlaps',
  );

const granule = z.union([z.literal(4096), z.literal(16384), z.literal(65536)]);

const kernel = z.strictObject({
  release: z.string().optional(),
  config: z.record(z.string(), z.string()).optional(),
  vmcoreinfo: z.record(z.string(), z.string()).optional(),
  kexecLoadDisabled: z.boolean().optional(),
  kexecLoadLimitReboot: z.int().min(-1).optional(),
  kexecLoadLimitPanic: z.int().min(-1).optional(),
});

const crash = z.strictObject({
  notes: z.array(range),
  vmcoreinfo: range,
  text: z.strictObject({ start: address, end: address, virtual: address }),
  linearMap: z.strictObject({ physical: address, virtual: address }),
});

const machine = z.strictObject({
  kexecFileMachine: z.literal(FORMAT_VERSION),
  name: z.string(),
  memorySource: z.enum(['memblock', 'iomem', 'device-tree']),
  memory,
  reserved: z.array(range),
  totalRam: address.optional(),
  crashRegion: z.strictObject({ high: range, low: range.optional() }).optional(),
  deviceTree: base64,
  deviceTreeAddress: address.optional(),
  commandLine: z.string().optional(),
  pageSize: granule,
  cpu: z.strictObject({
    granules: z.array(granule).optional(),
    mixedEndian: z.boolean().optional(),
    enableMethods: z.array(z.string()).optional(),
    possible: z.int().min(1).optional(),
  }),
  kexecSignature: z.enum(['none', 'checked', 'force']).optional(),
  lockdown: z.enum(['none', 'integrity', 'confidentiality']).optional(),
  kernel: kernel.optional(),
  crash: crash.optional(),
  efiVariables: z.record(z.string(), base64).optional(),
  unknown: z.array(z.strictObject({ fact: z.string(), reason: z.string() })).optional(),
  qemu: z
    .strictObject({
      machine: z.string(),
      cpu: z.string(),
      memory: z.string(),
      cpus: z.int().min(1),
    })
    .optional(),
});

/** A machine as the text of a machine file: JSON, addresses as "0x…", the device tree in base64. */
export function formatMachine(value: Machine): string {
  const file = { kexecFileMachine: FORMAT_VERSION, ...value } as z.output<typeof machine>;
  return `${JSON.stringify(z.encode(machine, file), null, 2)}\n`;
}

/**
 * The machine in the text of a machine file.
 *
 * @throws KexecError `EINVAL`, check `machine-schema`, naming the fields that are wrong.
 */
export function parseMachine(text: string): Machine {
  const { kexecFileMachine: _, ...value } = decode(text);
  return value as Machine;
}

function decode(text: string): z.output<typeof machine> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refusal(`not JSON: ${(cause as Error).message}`, cause);
  }
  if (hasMoreValues(json, MOST_VALUES)) throw refusal(`it has more than ${MOST_VALUES} values`, undefined);
  const result = machine.safeDecode(json as z.input<typeof machine>);
  if (result.success) return result.data;
  const { issues } = result.error;
  const fields = issues
    .slice(0, MOST_FAULTS)
    .map(({ path, message }) => `${path.join('.') || 'the file'}: ${message.slice(0, LONGEST_FAULT)}`);
  const more = issues.length > MOST_FAULTS ? [`and ${issues.length - MOST_FAULTS} more`] : [];
  throw refusal([...fields, ...more].join('; '), result.error);
}

/** Whether there are more values in a JSON value than so many. */
function hasMoreValues(json: unknown, limit: number): boolean {
  const left = [json];
  let count = 1;
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const values = Array.isArray(value) ? value : Object.values(value);
    count += values.length;
    if (count > limit) return true;
    left.push(...values);
  }
  return false;
}

function refusal(seen: string, cause: unknown): KexecError {
  return new KexecError('machine-schema', 'EINVAL', `machine file: ${seen}`, { cause });
}
