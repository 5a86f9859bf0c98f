import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Machine } from '../../../src/machine/machine-value.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import { asArm64 } from '../../support/machine.js';
import { ORACLE_RELEASES, type OracleRelease } from '../../support/oracle/oracle.js';
import { formatJson } from '../format-json.js';
import type { KernelHeaders } from './kernels.js';
import { describePlaced, type Outcome, type Placed, type Scenario, SEGMENTS } from './scenario.js';

/** A recorded machine: its value, and the oracle's answers on it. */
export interface Recorded {
  readonly machine: Machine;
  readonly scenarios: readonly Scenario[];
}

/** With a folder for each release. */
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
      noCma: z.boolean().optional(),
      seeds: z.boolean(),
      outcome: z.union([z.string(), z.partialRecord(z.enum(SEGMENTS), placed)]),
    }),
  ),
});

const HeadersSchema = z.partialRecord(
  z.enum(ORACLE_RELEASES),
  z.record(
    z.enum(['oracle', 'debian']),
    z.strictObject({
      textOffset: z.string().transform(BigInt),
      imageSize: z.string().transform(BigInt),
      flags: z.string().transform(BigInt),
      length: z.int(),
    }),
  ),
);

/** The names of the machines on which the oracle of a release was asked. */
export function recordedNames(release: OracleRelease): string[] {
  const folder = join(FOLDER, release);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => readFile(join(folder, file)).machine.name);
}

export function readRecorded(release: OracleRelease, name: string): Recorded {
  const { machine, scenarios } = readFile(fileOf(release, name));
  const deviceTree = gunzipSync(Buffer.from(machine.deviceTree, 'base64')).toString('base64');
  return {
    machine: parseMachine(JSON.stringify({ ...machine, deviceTree })),
    scenarios: scenarios.map(({ seeds, outcome, ...load }) => ({ load, seeds, outcome: outcomeOf(outcome) })),
  };
}

/** Writes the parts of a machine that decide about placement, and the answers. */
export function writeRecorded(release: OracleRelease, name: string, { machine, scenarios }: Recorded): void {
  const { kernel, unknown: _, efiVariables: __, ...facts } = machine;
  const running = kernel?.release === undefined ? {} : { kernel: { release: kernel.release } };
  const file = JSON.parse(formatMachine({ ...facts, ...running })) as object;
  const deviceTree = gzipSync(asArm64(machine).arm64.deviceTree, { level: 9 }).toString('base64');
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
  mkdirSync(join(FOLDER, release), { recursive: true });
  writeFileSync(fileOf(release, name), `${formatJson(text)}\n`);
}

/** Removes the file of a machine that is no longer in the list. */
export function removeRecorded(release: OracleRelease, name: string): void {
  rmSync(fileOf(release, name));
}

/** @throws Error if nothing is recorded for the release */
export function readHeaders(release: OracleRelease): KernelHeaders {
  const headers = readAllHeaders()[release];
  if (headers === undefined) throw new Error(`${HEADERS_FILE} has no kernels for Linux ${release}`);
  return headers;
}

function readAllHeaders() {
  return HeadersSchema.parse(JSON.parse(readFileSync(HEADERS_FILE, 'utf8')));
}

export function writeHeaders(release: OracleRelease, headers: KernelHeaders): void {
  const text = JSON.stringify(
    { ...readAllHeaders(), [release]: headers },
    (_, value) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value),
    2,
  );
  writeFileSync(HEADERS_FILE, `${text}\n`);
}

function fileOf(release: OracleRelease, name: string): string {
  return join(FOLDER, release, `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.json`);
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
