import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Machine } from '../../../src/machine/machine-value.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import type { KernelHeaders } from './kernels.js';
import { describePlaced, type Outcome, type Placed, type Scenario, SEGMENTS } from './scenario.js';

/** A recorded machine: its value, and the oracle's answers on it. */
export interface Recorded {
  readonly machine: Machine;
  readonly scenarios: readonly Scenario[];
}

const FOLDER = 'test/conformance/placement/recorded';
const HEADERS_FILE = 'test/conformance/placement/kernels.json';

/** Memory, size in the file, size in memory: "0x41200000 0xd5ea00 0xea0000". */
const placed = z.string().transform((text): Placed => {
  const [mem = 0n, bufsz = 0n, memsz = 0n] = text.split(' ').map(BigInt);
  return { mem, bufsz, memsz };
});

const FileSchema = z.strictObject({
  /** A machine file, with a compressed device tree. */
  machine: z.looseObject({ name: z.string(), deviceTree: z.base64() }),
  scenarios: z.array(
    z.strictObject({
      type: z.enum(['default', 'crash']),
      kernel: z.string(),
      initrd: z.int().optional(),
      commandLine: z.string().optional(),
      seeds: z.boolean(),
      outcome: z.union([z.string(), z.partialRecord(z.enum(SEGMENTS), placed)]),
    }),
  ),
});

const HeadersSchema = z.record(
  z.enum(['oracle', 'debian']),
  z.strictObject({
    textOffset: z.string().transform(BigInt),
    imageSize: z.string().transform(BigInt),
    flags: z.string().transform(BigInt),
    length: z.int(),
  }),
);

/** The names of the recorded machines. */
export function recordedNames(): string[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER).map((file) => readFile(join(FOLDER, file)).machine.name);
}

export function readRecorded(name: string): Recorded {
  const { machine, scenarios } = readFile(fileOf(name));
  const deviceTree = gunzipSync(Buffer.from(machine.deviceTree, 'base64')).toString('base64');
  return {
    machine: parseMachine(JSON.stringify({ ...machine, deviceTree })),
    scenarios: scenarios.map(({ seeds, outcome, ...load }) => ({ load, seeds, outcome: outcomeOf(outcome) })),
  };
}

/** Writes the parts of a machine that decide about placement, and the answers. */
export function writeRecorded(name: string, { machine, scenarios }: Recorded): void {
  const { kernel: _, unknown: __, efiVariables: ___, ...facts } = machine;
  const file = JSON.parse(formatMachine(facts)) as object;
  const deviceTree = gzipSync(machine.arm64.deviceTree, { level: 9 }).toString('base64');
  const text = {
    machine: { ...file, deviceTree },
    scenarios: scenarios.map(({ load, seeds, outcome }) => ({
      ...load,
      seeds,
      outcome:
        typeof outcome === 'string'
          ? outcome
          : Object.fromEntries(Array.from(outcome, ([segment, one]) => [segment, describePlaced(one)])),
    })),
  };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(fileOf(name), `${formatJson(text)}\n`);
}

/** As the formatter of the repository does: lists of numbers and words on one line. */
function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /\[\n\s+([^[\]{}]*?)\n\s+\]/g,
    (_, items: string) => `[${items.split(/,\n\s+/).join(', ')}]`,
  );
}

/** Removes the file of a machine that is no longer in the list. */
export function removeRecorded(name: string): void {
  rmSync(fileOf(name));
}

export function readHeaders(): KernelHeaders {
  return HeadersSchema.parse(JSON.parse(readFileSync(HEADERS_FILE, 'utf8')));
}

export function writeHeaders(headers: KernelHeaders): void {
  const text = JSON.stringify(
    headers,
    (_, value) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value),
    2,
  );
  writeFileSync(HEADERS_FILE, `${text}\n`);
}

function fileOf(name: string): string {
  return join(FOLDER, `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.json`);
}

function readFile(path: string) {
  return FileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

function outcomeOf(outcome: string | Partial<Record<(typeof SEGMENTS)[number], Placed>>): Outcome {
  if (typeof outcome === 'string') return outcome;
  const entries = SEGMENTS.flatMap((name) => {
    const one = outcome[name];
    return one === undefined ? [] : [[name, one] as const];
  });
  return new Map(entries);
}
