/** The fields of a machine file that every architecture has, as schemas. */
import * as z from 'zod';
import { decodeBase64, encodeBase64 } from '../base/bytes.js';
import { areInOrder } from '../base/range.js';
import { buildReportHeader } from '../base/report-header.js';
import { hex } from '../base/u64.js';
import { MAX_QEMU_CPUS, QEMU_FORMS, QEMU_PATTERNS } from './qemu-patterns.js';

/** The version of the file's format, in its field `kexecFileMachine`. */
export const FORMAT_VERSION = 1;

const MACHINE_HEADER = buildReportHeader('machine');

/**
 * The header that `machine show --json` adds, as every report has it. A file that is recorded has none, so that earlier
 * releases read it.
 */
export const HEADER_FIELDS = {
  schema: z.literal(MACHINE_HEADER.schema).exactOptional(),
  version: z.literal(MACHINE_HEADER.version).exactOptional(),
} as const;

/** An address or a size: "0x…" in the file, a bigint in the value. */
export const addressField = z.codec(
  z.string().regex(/^0x[0-9a-f]{1,17}$/, 'must be "0x…", lower case'),
  z.bigint(),
  { decode: BigInt, encode: hex },
);

/** Bytes: base64 in the file. */
export const bytesField = z.codec(z.base64(), z.instanceof(Uint8Array<ArrayBufferLike>), {
  decode: decodeBase64,
  encode: encodeBase64,
});

const range = z
  .strictObject({ start: addressField, end: addressField })
  .refine(
    ({ start, end }) => start <= end && end <= 1n << 64n,
    'must not end before it starts, nor beyond 64 bits',
  );

const memory = z.array(range).min(1).refine(areInOrder, 'must be lowest first, without overlaps').readonly();

const kernel = z.strictObject({
  release: z.string().exactOptional(),
  config: z.record(z.string(), z.string()).exactOptional(),
  vmcoreinfo: z.record(z.string(), z.string()).exactOptional(),
  kexecLoadDisabled: z.boolean().exactOptional(),
  kexecLoadLimitReboot: z.int().min(-1).exactOptional(),
  kexecLoadLimitPanic: z.int().min(-1).exactOptional(),
  securityModules: z.array(z.string()).readonly().exactOptional(),
  selinuxEnforcing: z.boolean().exactOptional(),
  imaPolicy: z.string().exactOptional(),
});

const crash = z.strictObject({
  notes: z.array(range).readonly(),
  vmcoreinfo: range,
  text: z.strictObject({ start: addressField, end: addressField, virtual: addressField }),
  linearMap: z.strictObject({ physical: addressField, virtual: addressField }),
});

const qemu = z.strictObject({
  machine: z.string().regex(QEMU_PATTERNS.machine, QEMU_FORMS.machine),
  cpu: z.string().regex(QEMU_PATTERNS.cpu, QEMU_FORMS.cpu),
  memory: z.string().regex(QEMU_PATTERNS.memory, QEMU_FORMS.memory),
  cpus: z.int().min(1).max(MAX_QEMU_CPUS, QEMU_FORMS.cpus),
});

/** `cpu.possible`, which stands among the CPUs' own facts in the file. */
export const possibleCpusField = z.int().min(1).exactOptional();

/** All common fields but `architecture`, `pageSize` and `cpu`, which differ by architecture. */
export const COMMON_FIELDS = {
  name: z.string(),
  memorySource: z.enum(['memblock', 'iomem', 'device-tree']),
  memory,
  reserved: z.array(range).readonly(),
  driverManaged: memory.exactOptional(),
  totalRam: addressField.exactOptional(),
  crashRegion: z.strictObject({ high: range, low: range.exactOptional() }).exactOptional(),
  kernelImage: z.strictObject({ code: range.exactOptional(), data: range.exactOptional() }).exactOptional(),
  commandLine: z.string().exactOptional(),
  kexecSignature: z.enum(['none', 'checked', 'force']).exactOptional(),
  lockdown: z.enum(['none', 'integrity', 'confidentiality']).exactOptional(),
  kernel: kernel.exactOptional(),
  crash: crash.exactOptional(),
  systemVendor: z.string().exactOptional(),
  bootFiles: z.array(z.string()).readonly().exactOptional(),
  efiVariables: z.record(z.string(), bytesField).exactOptional(),
  unknown: z
    .array(z.strictObject({ fact: z.string(), reason: z.string() }))
    .readonly()
    .exactOptional(),
  qemu: qemu.exactOptional(),
} as const;
